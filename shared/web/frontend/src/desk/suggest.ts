/** A text field with suggestions: the combobox pattern with a list, by keyboard (arrows, Enter, Escape) and pointer. */

import { part, type Stop } from "../modules";

const WAIT_MS = 120;
let count = 0;

/** `find` gives what fits the text; what was chosen is announced as `change`, as the field itself does. */
export function suggest(box: HTMLElement, find: (text: string, signal: AbortSignal) => Promise<string[]>): Stop {
  const input = part<HTMLInputElement>(box, "input");
  const list = document.createElement("ul");
  const listening = new AbortController();
  let [asking, timer, active] = [new AbortController(), 0, -1];
  list.id = `suggestions-${(count += 1)}`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Vorschläge");
  list.hidden = true;
  const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  input.removeAttribute("list");
  input.after(list);

  const options = (): HTMLElement[] => [...list.children] as HTMLElement[];
  const mark = (index: number): void => {
    active = index;
    options().forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const chosen = options()[index];
    if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
    else input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  };
  const show = (found: readonly string[]): void => {
    list.replaceChildren(...found.map((text, at) => option(`${list.id}-${at}`, text)));
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(-1);
  };
  const close = (): void => {
    clearTimeout(timer);
    asking.abort();
    show([]);
  };
  const look = async (): Promise<void> => {
    asking.abort();
    asking = new AbortController();
    try {
      show(await find(input.value.trim(), asking.signal));
    } catch (error) {
      if ((error as Error).name !== "AbortError") show([]); // without suggestions one types the whole name
    }
  };
  const choose = (text: string): void => {
    close();
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const keys: Record<string, () => boolean> = {
    ArrowDown: () => {
      if (list.hidden) void look();
      else mark(Math.min(active + 1, options().length - 1));
      return true;
    },
    ArrowUp: () => {
      mark(Math.max(active - 1, -1));
      return !list.hidden;
    },
    Enter: () => {
      const open = !list.hidden;
      const chosen = options()[active]?.textContent;
      if (chosen) choose(chosen);
      else close();
      return open; // with the list open one is not done with the field, let alone with the form
    },
    Escape: () => {
      const open = !list.hidden;
      close();
      return open;
    },
  };

  const on = { signal: listening.signal };
  input.addEventListener("input", (event) => {
    if (!event.isTrusted) return; // a script filled it in
    clearTimeout(timer);
    timer = window.setTimeout(() => void look(), WAIT_MS);
  }, on);
  input.addEventListener("keydown", (event) => {
    if (keys[event.key]?.()) event.preventDefault();
  }, on);
  input.addEventListener("blur", close, on);
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the focus stays in the field
    const chosen = event.target instanceof HTMLElement ? event.target.closest("li")?.textContent : null;
    if (chosen) choose(chosen);
  }, on);
  return () => {
    close();
    listening.abort();
    list.remove();
  };
}

function option(id: string, text: string): HTMLElement {
  const item = document.createElement("li");
  item.id = id;
  item.setAttribute("role", "option");
  item.textContent = text;
  return item;
}
