/**
 * A text field with suggestions: the editable combobox with a list of the WAI-ARIA Authoring Practices, where nothing
 * is chosen until somebody chooses it. Arrows open the list and go round in it, Home, End and the side arrows lead back
 * into the text, Enter chooses and never sends the form, Escape closes.
 */

import { part, type Stop } from "../modules";

const WAIT_MS = 120;
let count = 0;

/** `find` gives what fits the text; what was chosen is announced as `change`, as the field itself does. */
export function suggest(box: HTMLElement, find: (text: string, signal: AbortSignal) => Promise<string[]>): Stop {
  const input = part<HTMLInputElement>(box, "input");
  const list = popup(input);
  const said = status();
  const listening = new AbortController();
  let [asking, timer, active] = [new AbortController(), 0, -1];

  const options = (): HTMLElement[] => [...list.children] as HTMLElement[];
  const mark = (index: number): void => {
    active = index;
    options().forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const chosen = options()[index];
    if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
    else input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  };
  const step = (by: 1 | -1): void => {
    const many = options().length;
    mark(active < 0 ? (by > 0 ? 0 : many - 1) : (active + by + many) % many);
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
    said.textContent = "";
    show([]);
  };
  const look = async (then: () => void = () => undefined): Promise<void> => {
    asking.abort();
    asking = new AbortController();
    try {
      show(await find(input.value.trim(), asking.signal));
      said.textContent = counted(options().length);
      then();
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
  const intoText = (at: number): boolean => {
    if (list.hidden) return false;
    mark(-1);
    input.setSelectionRange(at, at);
    return true;
  };
  const move = (by: 1 | -1) => (event: KeyboardEvent): boolean => {
    if (event.altKey && by < 0) close();
    else if (list.hidden) void look(event.altKey ? undefined : () => options().length && step(by));
    else step(by);
    return true;
  };
  const backIntoText = (): boolean => {
    mark(-1);
    return false; // the cursor moves as ever
  };
  /** True: the key has done its work here. */
  const keys: Record<string, (event: KeyboardEvent) => boolean> = {
    ArrowDown: move(1),
    ArrowUp: move(-1),
    ArrowLeft: backIntoText,
    ArrowRight: backIntoText,
    Home: () => intoText(0),
    End: () => intoText(input.value.length),
    Enter: () => {
      const chosen = options()[active]?.textContent;
      if (chosen) choose(chosen);
      else close();
      return true;
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
    mark(-1);
    timer = window.setTimeout(() => void look(), WAIT_MS);
  }, on);
  input.addEventListener("keydown", (event) => {
    if (!event.isComposing && !event.ctrlKey && !event.metaKey && keys[event.key]?.(event)) event.preventDefault();
  }, on);
  input.addEventListener("click", () => list.hidden ? void look() : close(), on);
  input.addEventListener("blur", close, on);
  list.addEventListener("mousedown", (event) => event.preventDefault(), on); // the focus stays in the field
  list.addEventListener("click", (event) => {
    const chosen = event.target instanceof HTMLElement ? event.target.closest("li")?.textContent : null;
    if (chosen) choose(chosen);
  }, on);
  return () => {
    close();
    listening.abort();
    list.remove();
  };
}

/** An empty list behind the field, and the field as its combobox. */
function popup(input: HTMLInputElement): HTMLElement {
  const list = document.createElement("ul");
  list.id = `suggestions-${(count += 1)}`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", `Vorschläge für ${input.labels?.[0]?.firstChild?.textContent?.trim() ?? "dieses Feld"}`);
  list.hidden = true;
  const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  input.removeAttribute("list");
  input.after(list);
  return list;
}

function option(id: string, text: string): HTMLElement {
  const item = document.createElement("li");
  item.id = id;
  item.setAttribute("role", "option");
  item.textContent = text;
  return item;
}

/** One for all fields: says how many suggestions there are to those who do not see the list. */
function status(): HTMLElement {
  const known = document.getElementById("suggestions-said");
  if (known) return known;
  const said = Object.assign(document.createElement("p"), { id: "suggestions-said", className: "kern-sr-only" });
  said.setAttribute("role", "status");
  document.body.append(said);
  return said;
}

function counted(many: number): string {
  if (many === 0) return "Keine Vorschläge.";
  return `${many === 1 ? "Ein Vorschlag" : `${many} Vorschläge`}; mit den Pfeiltasten wählen.`;
}
