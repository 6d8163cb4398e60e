// What makes the pages more comfortable. All of them work without.
"use strict";

// Keys: "/" goes to the search box, j and n to the next result, k and p to the one before.
(() => {
  const box = document.getElementById("q");

  // The result after or before the one that has the focus, or else the place that is seen.
  function next(all, step) {
    const at = all.indexOf(document.activeElement);
    if (at >= 0) return all[at + step];
    const below = all.findIndex((link) => link.getBoundingClientRect().top >= 0);
    if (step > 0) return all[below];
    return all[(below < 0 ? all.length : below) - 1];
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const step = { j: 1, n: 1, k: -1, p: -1 }[event.key];
    if (event.key === "/" && box) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (step) {
      const link = next([...document.querySelectorAll(".hit h2 a")], step);
      if (link) {
        event.preventDefault();
        link.focus({ preventScroll: true });
        link.scrollIntoView({ block: "center" });
      }
    }
  });

  // The cursor goes where a query is wrong.
  if (box?.dataset.position) {
    const place = [...box.value].slice(0, Number(box.dataset.position)).join("").length;
    box.focus();
    box.setSelectionRange(place, place);
  }
})();

// Completion of the search box: a combobox with a list of suggestions, for the part of the query before the cursor.
(() => {
  const box = document.getElementById("q");
  if (!box?.dataset.suggest) return;
  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  box.form.append(list);
  const said = document.createElement("p");
  said.className = "hidden";
  said.setAttribute("aria-live", "polite");
  box.form.append(said);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) box.setAttribute(name, value);

  let chosen = -1;
  let waiting = 0;
  let asked = null;

  function close() {
    asked?.abort();
    clearTimeout(waiting);
    list.hidden = true;
    list.replaceChildren();
    chosen = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  const OPERATOR = /(^|\s)([-‐‑‒–—―−!]|(AND|OR|NOT|ANDNOT|ANDMAYBE|REQUIRE|NEAR)\b)/;

  // Completes only at the end of a query without operators, brackets and quotes: there the text is what a suggestion
  // stands for.
  function typed() {
    const text = box.value;
    const isPlain = /^[^"()\[\]{}:*?~^|&]{2,100}$/.test(text) && !OPERATOR.test(text);
    return isPlain && box.selectionStart === text.length ? text : null;
  }

  function show(suggestions) {
    list.replaceChildren(...suggestions.map((suggestion, place) => {
      const item = document.createElement("li");
      item.id = `suggestion-${place}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.dataset.query = suggestion.query;
      const text = document.createElement("bdi");
      text.textContent = suggestion.text;
      const kind = document.createElement("span");
      kind.className = "kind";
      kind.textContent = `${suggestion.meaning ?? suggestion.kind} · ${suggestion.count.toLocaleString("en")}`;
      item.append(text, kind);
      return item;
    }));
    chosen = -1;
    box.removeAttribute("aria-activedescendant");
    list.hidden = !suggestions.length;
    box.setAttribute("aria-expanded", String(!list.hidden));
    said.textContent = suggestions.length ? `${suggestions.length} suggestion${suggestions.length === 1 ? "" : "s"}` : "";
  }

  async function ask() {
    const text = typed();
    if (text === null) return close();
    asked?.abort();
    asked = new AbortController();
    try {
      const address = `${box.dataset.suggest}?${new URLSearchParams({ q: text, limit: "8" })}`;
      const response = await fetch(address, { signal: asked.signal });
      if (response.ok && text === typed() && document.activeElement === box) show((await response.json()).suggestions);
    } catch {
      // Without suggestions the box is a box.
    }
  }

  function choose(place) {
    const items = list.children;
    if (chosen >= 0) items[chosen].setAttribute("aria-selected", "false");
    chosen = (place + items.length + 1) % (items.length + 1);
    if (chosen === items.length) chosen = -1;
    if (chosen < 0) return box.removeAttribute("aria-activedescendant");
    items[chosen].setAttribute("aria-selected", "true");
    items[chosen].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", items[chosen].id);
  }

  function take(item) {
    box.value = item.dataset.query;
    close();
    box.form.requestSubmit();
  }

  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? list.children.length - 1 : chosen - 1);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      take(list.children[chosen]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
  box.addEventListener("blur", close);
  // Before the box loses the focus.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) take(item);
  });
})();

// The timeline: drag over bars to choose a range.
(() => {
  for (const bars of document.querySelectorAll("svg.bars")) {
    const links = [...bars.querySelectorAll("a[data-since]")];
    const said = bars.closest("figure").querySelector(".dragged");
    let start = null;
    let taken = [];

    const at = (event) => event.clientX - bars.getBoundingClientRect().left;

    function mark(from, to) {
      const [left, right] = [Math.min(from, to), Math.max(from, to)];
      taken = links.filter((link) => {
        const room = link.querySelector(".room");
        const x = room.x.baseVal.value;
        return x < right && x + room.width.baseVal.value > left;
      });
      for (const link of links) link.classList.toggle("taken", taken.includes(link));
      const since = taken[0]?.dataset.since;
      const until = taken.at(-1)?.dataset.until;
      said.textContent = taken.length ? (since === until ? since : `${since} to ${until}`) : "";
    }

    const refuse = (event) => event.preventDefault();

    function end() {
      start = null;
      taken = [];
      said.textContent = "";
      for (const link of links) link.classList.remove("taken");
    }

    bars.addEventListener("pointerdown", (event) => {
      if (event.button === 0 && event.pointerType !== "touch") start = at(event);
    });
    // A link would be dragged itself.
    bars.addEventListener("dragstart", (event) => event.preventDefault());
    addEventListener("pointermove", (event) => {
      if (start !== null && (taken.length || Math.abs(at(event) - start) > 4)) mark(start, at(event));
    });
    addEventListener("pointerup", () => {
      if (taken.length) {
        const address = new URL(taken[0].getAttribute("href"), location.href);
        address.searchParams.set("until", taken.at(-1).dataset.until);
        // The click that follows would follow one bar.
        addEventListener("click", refuse, { capture: true, once: true });
        location.assign(address);
      }
      end();
    });
    addEventListener("pointercancel", end);
    // No click has followed if the pointer left the window, and the browser may show this page again as it was.
    addEventListener("pageshow", () => removeEventListener("click", refuse, { capture: true }));
  }
})();
