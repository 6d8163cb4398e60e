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
  // How many are in the parts of the cable before this page.
  const earlier = bar ? Number(bar.dataset.earlier) : 0;
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

  // The number of the match to which a reader goes first: that in the paragraph of the address or below it, or the one
  // before. It may be on another page.
  const start = (step) => {
    const from = target();
    const isBelow = (mark) => from.compareDocumentPosition(mark) & Node.DOCUMENT_POSITION_FOLLOWING;
    const first = marks.find((mark) => (from ? isBelow(mark) : numberOf(mark) > earlier));
    const number = first ? numberOf(first) : Math.max(earlier, ...marks.map(numberOf)) + 1;
    return step > 0 ? number : number - 1;
  };

  const go = (step) => {
    if (!total) return;
    const wanted = current ? numberOf(current) + step : start(step);
    const next = marks.find((mark) => numberOf(mark) === wanted);
    if (next) {
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
      const terms = document.querySelectorAll(".term:is([open], :hover:not(.quiet), :focus-within:not(.quiet))");
      if (!terms.length) return;
      for (const term of terms) {
        term.open = false;
        term.classList.add("quiet");
        term.addEventListener("mouseenter", () => term.classList.remove("quiet"), { once: true });
      }
    } else return;
    event.preventDefault();
  });
})();
