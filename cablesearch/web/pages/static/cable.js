// The page of a cable: going from match to match, and copying citations. The page is whole without it.
"use strict";

(() => {
  const cable = document.querySelector(".cable");
  if (!cable) return;

  // The paragraph of the address. This script may run before the browser has gone there.
  const target = () => cable.querySelector(`.paragraph[id="${CSS.escape(location.hash.slice(1))}"]`);

  // Matches. The number of a match is in its id; on the page of a long cable some are missing.
  const bar = document.querySelector(".matches[data-total]");
  const marks = [...cable.querySelectorAll("mark[id]")];
  const total = bar ? Number(bar.dataset.total) : 0;
  const numberOf = (mark) => Number(mark.id.slice(1));
  const place = bar && bar.querySelector(".matches-place");
  let current = null;

  const show = (mark) => {
    if (current) current.classList.remove("current");
    current = mark;
    current.classList.add("current");
    const closed = current.closest("details:not([open])");
    if (closed) closed.open = true;
    current.tabIndex = -1;
    current.focus({ preventScroll: true });
    current.scrollIntoView({ block: "center" });
    place.textContent = `${numberOf(current)} of`;
  };

  // Where a reader is who has not gone to a match yet: before the first one in the paragraph of the address, or after.
  const start = (step) => {
    const from = target();
    const first = from && marks.find((mark) => from.compareDocumentPosition(mark) & Node.DOCUMENT_POSITION_FOLLOWING);
    const index = first ? marks.indexOf(first) : 0;
    return step > 0 ? index : index - 1;
  };

  const go = (step) => {
    if (!total) return;
    const index = current ? marks.indexOf(current) + step : start(step);
    const next = marks[index];
    const wanted = current ? numberOf(current) + step : next && numberOf(next);
    if (next && numberOf(next) === wanted) {
      show(next);
      return;
    }
    const page = step > 0 ? bar.dataset.after : bar.dataset.before;
    if (page && wanted >= 1 && wanted <= total) {
      location.href = `${page.split("#")[0]}#m${wanted}`;
    } else if (marks.length) {
      show(step > 0 ? marks[0] : marks[marks.length - 1]);
    }
  };

  if (total) {
    for (const button of bar.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => go(Number(button.dataset.step)));
    }
    if (/^#m\d+$/.test(location.hash)) {
      const mark = document.getElementById(location.hash.slice(1));
      if (mark) show(mark);
    }
  }

  // Copying. Over plain HTTP there is no clipboard for pages, so the old way is the second one.
  const copy = async (text, from) => {
    let isCopied = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "hidden";
      document.body.append(field);
      field.select();
      isCopied = document.execCommand("copy");
      field.remove();
      from.focus();
    }
    const before = from.dataset.name || from.firstChild.textContent;
    from.dataset.name = before;
    from.firstChild.textContent = isCopied ? "Copied" : "Not copied";
    setTimeout(() => { from.firstChild.textContent = before; }, 1500);
  };

  const citation = (paragraph) => {
    const whole = cable.dataset.citation;
    return paragraph ? whole.replace(/\.$/, "") + paragraph.dataset.cited : whole;
  };
  const copyCite = document.querySelector(".cite-tools button");
  copyCite.addEventListener("click", () => copy(citation(null), copyCite));

  // The paragraph of the address can be cited, and related ones found.
  const tools = document.createElement("div");
  tools.className = "paragraph-tools";
  const copyParagraph = document.createElement("button");
  copyParagraph.type = "button";
  copyParagraph.textContent = "Copy citation";
  copyParagraph.addEventListener("click", () => copy(citation(target()), copyParagraph));
  const related = document.createElement("a");
  related.textContent = "Related";
  tools.append(copyParagraph, related);
  const move = () => {
    const paragraph = target();
    if (!paragraph) {
      tools.remove();
      return;
    }
    related.href = cable.dataset.related.replace(/%400\/related$/, `%40${paragraph.id.slice(1)}/related`);
    paragraph.append(tools);
  };
  addEventListener("hashchange", move);
  move();

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (event.key === "n" || event.key === "j") go(1);
    else if (event.key === "p" || event.key === "k") go(-1);
    else if (event.key === "c") copy(citation(target()), target() ? copyParagraph : copyCite);
    else if (event.key === "Escape") {
      for (const term of document.querySelectorAll(".term")) {
        term.open = false;
        term.classList.add("quiet");
        term.addEventListener("mouseenter", () => term.classList.remove("quiet"), { once: true });
      }
    } else return;
    event.preventDefault();
  });
})();
