// The library in place: a changed filter fetches the same address and brings results and counts
// up to date; without this script the form is sent. Every state is an address of its own.
const form = document.getElementById("library-form");
const live = document.getElementById("library-live");
const results = document.getElementById("results");
const facets = document.getElementById("facets");
let running = null;
let retry = null; // asks again for what could not be fetched

/** Path and query of the address in force; a fragment (`#results`) is no other state. */
const placeOf = (address) => {
  const url = new URL(address, document.baseURI);
  return url.pathname + url.search;
};
let place = placeOf(window.location.href);

const stateOf = (address) => new URL(address, document.baseURI).search;

function addressOf() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value.trim()) query.append(name, value);
  }
  if (query.get("sort") === "relevance") query.delete("sort");
  if (!query.has("cost_max") && !query.getAll("untold").includes("cost")) {
    for (const name of ["cost_currency", "cost_for", "cost_travel"]) query.delete(name);
  }
  const text = query.toString();
  return form.getAttribute("action") + (text ? `?${text}` : "");
}

/** What of a state is told when it changes: its filters, its order, its page. */
const stateIn = (root) => ({
  chips: [...root.querySelectorAll("[data-chip]")].map((chip) => chip.dataset.chip),
  order: root.querySelector("#library-sort option[selected]")?.textContent.trim() ?? "",
  page: root.querySelector(".pagination__link--current")?.lastChild.textContent.trim() ?? "1",
});

/** Say once, politely, how many there are now, and what came, went or changed. */
function announce(before, after) {
  const parts = [results.querySelector(".listing__count")?.textContent.trim()];
  const say = (sentence, names) => {
    if (names.length) parts.push(sentence.replace("{names}", names.join(", ")));
  };
  say(live.dataset.added, after.chips.filter((name) => !before.chips.includes(name)));
  say(live.dataset.removed, before.chips.filter((name) => !after.chips.includes(name)));
  say(live.dataset.order, after.order === before.order ? [] : [after.order]);
  say(live.dataset.page, after.page === before.page ? [] : [after.page]);
  live.textContent = parts.filter(Boolean).join(", ");
}

/** Bring one facet up to date without touching the box that has the focus. */
function renewFacet(own, fresh) {
  own.querySelector("summary").innerHTML = fresh.querySelector("summary").innerHTML;
  const values = own.querySelector(".facet__values");
  const news = fresh.querySelector(".facet__values");
  if (!values || !news) return renewLimits(own, fresh);
  const known = new Map([...values.querySelectorAll("input[value]")].map((box) => [box.value, box]));
  // What stands stays where it is, under the pointer and the focus; what is new comes behind the
  // value that it follows, so that ages and years keep their order.
  let last = values.querySelector("legend");
  for (const box of news.querySelectorAll("input[value]")) {
    const old = known.get(box.value);
    const fresh = box.closest("label");
    known.delete(box.value);
    if (old) {
      old.checked = box.checked;
      old.nextElementSibling.innerHTML = box.nextElementSibling.innerHTML;
      last = old.closest("label");
      last.dataset.names = fresh.dataset.names ?? "";
    } else {
      last.after(document.adoptNode(fresh));
      last = fresh;
    }
  }
  for (const [, box] of known) {
    if (box === document.activeElement) {
      box.checked = false;
      box.nextElementSibling.querySelector(".facet__count").textContent = "0";
    } else {
      box.closest("label").remove();
    }
  }
  values.toggleAttribute("data-long", news.hasAttribute("data-long"));
  addFinder(own);
  findIn(own, false);
}

function renewLimits(own, fresh) {
  for (const field of fresh.querySelectorAll("[name]")) {
    const old = own.querySelector(`[name="${field.name}"]`);
    if (!old || old === document.activeElement) continue;
    if (old.type === "checkbox") old.checked = field.checked;
    else old.value = field.value;
  }
}

function renewFacets(fresh) {
  let last = facets.querySelector('[data-facet="limits"]');
  const stay = new Set();
  for (const group of fresh.querySelectorAll("[data-facet]")) {
    const name = group.dataset.facet;
    stay.add(name);
    let own = facets.querySelector(`[data-facet="${name}"]`);
    if (own) {
      renewFacet(own, group);
    } else {
      own = document.adoptNode(group);
      last.after(own);
      addFinder(own);
    }
    last = own;
  }
  for (const group of facets.querySelectorAll("[data-facet]")) {
    if (!stay.has(group.dataset.facet) && !group.contains(document.activeElement)) group.remove();
  }
  const link = facets.querySelector(".library__to-results");
  if (link) link.innerHTML = fresh.querySelector(".library__to-results").innerHTML;
}

function renewBox(page, address) {
  const field = (selector) => [form.querySelector(selector), page.querySelector(selector)];
  const [words, newWords] = field("#library-q");
  // What was asked comes back without the limit that became a filter; what is typed since stays.
  const asked = new URL(address, document.baseURI).searchParams.get("q") ?? "";
  if (words !== document.activeElement || words.value === asked) {
    if (words.value !== newWords.value) words.value = newWords.value;
  }
  const [sort, newSort] = field("#library-sort");
  const order = newSort.value;
  for (const option of sort.options) option.toggleAttribute("selected", option.value === order);
  if (sort !== document.activeElement) sort.value = order;
  const [hidden, newHidden] = field("#library-hidden");
  hidden.innerHTML = newHidden.innerHTML;
  for (const radio of page.querySelectorAll(".switch input")) {
    const own = form.querySelector(`.switch input[value="${radio.value}"]`);
    own.checked = radio.checked;
    own.nextElementSibling.innerHTML = radio.nextElementSibling.innerHTML;
  }
  for (const link of page.querySelectorAll("header a[hreflang]")) {
    const own = document.querySelector(`header a[hreflang="${link.hreflang}"]`);
    if (own) own.setAttribute("href", link.getAttribute("href"));
  }
}

/** Fetch the page of an address. What goes wrong is an error that may tell why in a sentence. */
async function fetchPage(address, signal) {
  const answer = await fetch(address, { signal, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (answer.ok && page.getElementById("results")) return page;
  const told = page.querySelector(".error-page .page-head__lead")?.textContent.trim();
  throw Object.assign(new Error(String(answer.status)), { told });
}

/** Tell above the results that stand that no others came, and offer to ask again. */
function showFailure(told, again) {
  const sentence = told || live.dataset.failed;
  const notice = document.createElement("div");
  notice.className = "notice library__failure";
  const words = document.createElement("p");
  words.textContent = sentence;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--quiet";
  button.textContent = live.dataset.again;
  button.addEventListener("click", again);
  notice.append(words, button);
  results.querySelector(".library__failure")?.remove();
  results.prepend(notice);
  live.textContent = sentence;
}

/** Show the state of an address; `focus` names what gets the focus if it would be lost. */
async function show(address, { push = true, focus = "" } = {}) {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  retry = null;
  results.setAttribute("aria-busy", "true");
  let page;
  try {
    page = await fetchPage(address, signal);
  } catch (error) {
    if (signal.aborted) return;
    // What stands here and what was chosen and typed is kept: another page would lose it.
    results.removeAttribute("aria-busy");
    retry = () => show(address, { push, focus });
    showFailure(error.told, retry);
    return;
  }
  if (signal.aborted) return;
  const before = stateIn(form);
  const after = stateIn(page);
  const hadFocus = results.contains(document.activeElement);
  if (push && placeOf(address) !== place) {
    history.pushState({ library: true }, "", address);
    place = placeOf(window.location.href);
  }
  document.title = page.title;
  const opened = [...results.querySelectorAll("details[data-stays][open]")];
  const names = opened.map((details) => details.dataset.stays);
  results.innerHTML = page.getElementById("results").innerHTML;
  // What was opened stays open: a chip taken away of many leaves the others in sight.
  for (const details of results.querySelectorAll("details[data-stays]")) {
    details.open = names.includes(details.dataset.stays);
  }
  renewFacets(page.getElementById("facets"));
  renewBox(page, address);
  results.removeAttribute("aria-busy");
  announce(before, after);
  if (focus === "results") {
    results.focus({ preventScroll: true });
    results.scrollIntoView({ block: "start" });
  } else if (hadFocus) {
    results.querySelector(".listing__count")?.focus({ preventScroll: true });
  }
}

window.addEventListener("online", () => retry?.());

form.addEventListener("submit", (event) => {
  event.preventDefault();
  show(addressOf());
});

form.addEventListener("change", (event) => {
  const field = event.target;
  if (!field.name || field.name === "q") return;
  show(addressOf());
});

results.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) {
    return;
  }
  const link = event.target.closest('a[href^="?"]');
  if (!link) return;
  event.preventDefault();
  const address = form.getAttribute("action") + (stateOf(link.href) === "?" ? "" : stateOf(link.href));
  show(address, { focus: link.closest(".pagination") ? "results" : "" });
});

// Links to a part of the page come here too, perhaps while a request is under way.
window.addEventListener("popstate", () => {
  const now = placeOf(window.location.href);
  if (now === place) return;
  place = now;
  show(window.location.href, { push: false });
});

/** Long facets get a box to find a value; it says how many are left. */
function addFinder(group) {
  const values = group.querySelector(".facet__values[data-long]");
  if (!values || group.querySelector(".facet__find")) return;
  const label = document.createElement("label");
  label.className = "facet__find";
  const words = document.createElement("span");
  words.className = "visually-hidden";
  words.textContent = `${live.dataset.find}: ${values.querySelector("legend").textContent}`;
  const box = document.createElement("input");
  box.type = "search";
  box.className = "field__input";
  box.autocomplete = "off";
  box.dir = "auto";
  box.placeholder = live.dataset.find;
  box.addEventListener("input", () => findIn(group, true));
  box.addEventListener("change", (event) => event.stopPropagation());
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  label.append(words, box);
  values.before(label);
}

const folded = (text) => text.normalize("NFKD").replace(/\p{M}|['"׳״’`]/gu, "").toLowerCase();

function findIn(group, aloud) {
  const box = group.querySelector(".facet__find input");
  if (!box) return;
  const wanted = folded(box.value.trim());
  let left = 0;
  for (const label of group.querySelectorAll(".facet__value")) {
    const name = folded(label.querySelector("bdi").textContent);
    // Of other names, which are not seen, the beginning of a word has to fit.
    const others = folded(label.dataset.names ?? "").replace(/[^\p{L}\p{N}]+/gu, " ");
    const fits = !wanted || name.includes(wanted) || ` ${others}`.includes(` ${wanted}`);
    label.hidden = !fits && !label.querySelector("input").checked;
    if (!label.hidden) left += 1;
  }
  if (aloud) live.textContent = live.dataset.left.replace("{number}", left);
}

for (const group of facets.querySelectorAll("[data-facet]")) addFinder(group);
