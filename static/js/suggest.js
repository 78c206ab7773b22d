// Suggestions while typing: a combobox as ARIA 1.2 describes it. Without this script the form works
// as it is. `<div data-suggest="address" data-lang="he">` holds an input and a list; what is told to
// those who do not see stands beside it.
const WAIT = 150;
function combobox(root) {
  const live =
    root.parentElement.querySelector("[data-suggest-live]") ??
    document.getElementById("library-live");
  const input = root.querySelector("input");
  const list = root.querySelector('[role="listbox"]');
  let options = [];
  let current = -1;
  let timer = 0;
  let running = null;
  let asked = input.value.trim();

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  const isOpen = () => !list.hidden;

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  }

  function choose(index) {
    current = index;
    options.forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === index));
    });
    if (index < 0) {
      input.removeAttribute("aria-activedescendant");
    } else {
      input.setAttribute("aria-activedescendant", options[index].id);
      options[index].scrollIntoView({ block: "nearest" });
    }
  }

  function open(option) {
    window.location.assign(option.dataset.url);
  }

  function fill(found) {
    list.replaceChildren(
      ...found.map((one, place) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${place}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.className = "suggest__option";
        option.dataset.url = one.url;
        const text = document.createElement("bdi");
        text.textContent = one.text;
        text.lang = one.language;
        const kind = document.createElement("span");
        kind.className = "suggest__kind";
        kind.textContent = one.type_label;
        option.append(text, " ", kind);
        return option;
      }),
    );
    options = [...list.children];
    current = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = !options.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    live.textContent = options.length
      ? live.dataset.suggestions.replace("{number}", options.length)
      : live.dataset.none;
  }

  async function ask() {
    const text = input.value.trim();
    if (text === asked) return;
    asked = text;
    running?.abort();
    if (!text) {
      fill([]);
      live.textContent = "";
      return;
    }
    running = new AbortController();
    const query = new URLSearchParams({ q: text.slice(0, 200), lang: root.dataset.lang });
    try {
      const answer = await fetch(`${root.dataset.suggest}?${query}`, { signal: running.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const { suggestions } = await answer.json();
      if (document.activeElement === input) fill(suggestions);
    } catch {
      // A later letter has ended this request, or the line is down: typing goes on. What was offered
      // for other letters is taken back, and the same letters may be asked for again.
      if (asked === text && !running.signal.aborted) {
        asked = "";
        options = [];
        list.replaceChildren();
        close();
      }
    }
  }

  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT);
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!options.length) return;
      event.preventDefault();
      if (!isOpen()) {
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
      }
      const step = event.key === "ArrowDown" ? 1 : -1;
      const places = options.length + 1; // one more: the input itself
      choose(((current + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && isOpen() && current >= 0) {
      event.preventDefault();
      open(options[current]);
    } else if (event.key === "Escape" && isOpen()) {
      event.preventDefault();
      close();
    }
  });

  input.addEventListener("blur", () => close());
  input.form?.addEventListener("submit", () => {
    window.clearTimeout(timer);
    running?.abort();
    asked = input.value.trim();
    close();
  });
  // A press must not take the focus from the input, or the list closes before the click.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) open(option);
  });
}

for (const root of document.querySelectorAll("[data-suggest]")) combobox(root);
