"use strict";
// Search and filters of the index, and buttons that copy listings. Every page can be read without this script.

const LIMIT = 100; // rows that are shown at once: enough to read, and quick to lay out
const FILTERS = ["vendor", "group", "retryability", "status"];
const normal = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const wordsOf = (text) => text.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 1);

/** Read the rows of the index, with what the search looks at: the most telling text first. */
function readRows(list, extra) {
  return Array.from(list.children, (item, number) => {
    const [code, title, vendor, status, category, retryability] = Array.from(item.children, (child) => child.textContent);
    const fields = [code, title, `${vendor} ${status} ${category} ${retryability}`, extra.words[number] || ""].map(normal);
    return { item, fields, vendor, statuses: status.split(", "), group: extra.groups[category] || "", retryability };
  });
}

/** Return the Damerau-Levenshtein distance of two words, or more than *limit* as soon as it is certain. */
function distance(one, other, limit) {
  if (Math.abs(one.length - other.length) > limit) return limit + 1;
  let before = [], above = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1];
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
      best = Math.min(best, row[j]);
    }
    if (best > limit) return limit + 1;
    [before, above] = [above, row];
  }
  return above[other.length];
}

/** Return the known words that *token* may be a misspelling of, the closest only; a longer word may be half typed. */
function similar(token, known) {
  const limit = token.length > 7 ? 2 : 1;
  let found = [], least = limit + 1;
  if (token.length < 3) return found;
  for (const word of known) {
    const whole = distance(token, word, limit);
    const steps = whole <= limit || word.length <= token.length ? whole : distance(token, word.slice(0, token.length), limit);
    if (steps > limit || steps > least) continue;
    if (steps < least) [found, least] = [[], steps];
    found.push(word);
  }
  return found;
}

const WEIGHTS = [40, 20, 8, 4];

/** Return how well a row fits one *token*: 0 for not at all. */
function score(row, token) {
  let found = 0;
  for (let index = 0; index < WEIGHTS.length; index += 1) {
    const at = row.fields[index].indexOf(token);
    if (at < 0) continue;
    const bonus = at === 0 ? 0.75 : /[\p{L}\p{N}]/u.test(row.fields[index][at - 1]) ? 0 : 0.5; // the start of the text, or of a word
    found = Math.max(found, WEIGHTS[index] * (1 + bonus) + (row.fields[index] === token ? 1000 : 0));
  }
  return found;
}

function setUp(extra) {
  const list = document.querySelector(".rows"), form = document.getElementById("search");
  const query = document.getElementById("query"), status = document.getElementById("found"), more = document.getElementById("more");
  const selects = FILTERS.map((name) => document.getElementById(name));
  const rows = readRows(list, extra);
  const known = new Set(rows.flatMap((row) => row.fields.flatMap(wordsOf)));
  let limit = LIMIT;

  const passes = (row) => {
    const [vendor, group, retryability, code] = selects.map((select) => select.value);
    return (!vendor || row.vendor === vendor) && (!group || row.group === group) &&
      (!retryability || row.retryability === retryability) && (!code || row.statuses.includes(code));
  };

  /** Return the rows for the query, the best first, and the words that were taken for misspelt ones. */
  const find = () => {
    const whole = normal(query.value.trim());
    let found = rows.filter(passes).map((row) => ({ row, points: row.fields[0] === whole ? 5000 : 0 }));
    const instead = [];
    for (const token of whole.split(/\s+/).filter(Boolean)) {
      let choices = [token];
      if (!rows.some((row) => score(row, token))) {
        choices = similar(token, known);
        instead.push(...choices);
      }
      found = found
        .map(({ row, points }) => ({ row, gained: Math.max(0, ...choices.map((choice) => score(row, choice))), points }))
        .filter(({ gained }) => gained)
        .map(({ row, gained, points }) => ({ row, points: points + gained }));
    }
    if (whole) found.sort((one, other) => other.points - one.points); // stable: equal ones keep their order
    return [found.map(({ row }) => row.item), instead];
  };

  const show = () => {
    const [found, instead] = find();
    list.replaceChildren(...found.slice(0, limit));
    more.hidden = found.length <= limit;
    more.textContent = `Show all ${found.length}`;
    const guess = instead.length ? `; similar: ${instead.slice(0, 3).join(", ")}` : "";
    status.textContent = `${found.length} of ${rows.length} codes${guess}`;
    const state = new URLSearchParams();
    if (query.value.trim()) state.set("q", query.value.trim());
    selects.forEach((select) => { if (select.value) state.set(select.id, select.value); });
    const hash = state.toString();
    if (hash || location.hash.includes("=")) history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  };

  const restore = () => {
    if (location.hash && !location.hash.includes("=")) return; // a section of the page
    const state = new URLSearchParams(location.hash.slice(1));
    query.value = state.get("q") || "";
    selects.forEach((select) => { select.value = state.get(select.id) || ""; if (select.selectedIndex < 0) select.value = ""; });
    limit = LIMIT;
    show();
  };

  const links = () => Array.from(list.querySelectorAll("a"));
  const move = (step) => {
    const all = links(), next = all.indexOf(document.activeElement) + step;
    (next < 0 ? query : all[Math.min(next, all.length - 1)])?.focus();
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); links()[0]?.click(); });
  form.addEventListener("reset", () => setTimeout(() => { limit = LIMIT; show(); query.focus(); }));
  query.addEventListener("input", () => { limit = LIMIT; show(); });
  selects.forEach((select) => select.addEventListener("change", () => { limit = LIMIT; show(); }));
  more.addEventListener("click", () => { limit = Infinity; show(); });
  window.addEventListener("hashchange", restore);
  document.addEventListener("keydown", (event) => {
    const typing = event.target === query, within = typing || list.contains(event.target);
    if (event.key === "/" && !/INPUT|SELECT/.test(event.target.tagName)) { event.preventDefault(); query.focus(); query.select(); }
    else if (event.key === "Escape" && typing) { query.value = ""; show(); }
    else if (event.key === "ArrowDown" && within) { event.preventDefault(); move(1); }
    else if (event.key === "ArrowUp" && within && !typing) { event.preventDefault(); move(-1); }
  });
  form.hidden = false;
  restore();
  if (!query.value && location.hash && !location.hash.includes("=")) { show(); document.querySelector(location.hash)?.scrollIntoView(); }
}

/** Copy a text, or select it where the browser does not let pages write to the clipboard; return whether it was copied. */
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(element);
    return document.execCommand("copy");
  }
}

function addCopyButtons() {
  for (const listing of document.querySelectorAll("pre")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      button.textContent = (await copy(listing.querySelector("code"))) ? "Copied" : "Selected";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    listing.append(button);
  }
}

document.addEventListener("DOMContentLoaded", () => {
  if (window.errortaxSearch) setUp(window.errortaxSearch);
  addCopyButtons();
});
