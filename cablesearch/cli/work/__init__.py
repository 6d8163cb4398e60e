"""What commands share that work for a long time: progress, messages on sources, rejects, and interrupts."""
