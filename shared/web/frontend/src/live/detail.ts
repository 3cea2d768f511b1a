/** The detail beside the map: the server's own words and drawing, the same as on the measure's page. */

import { toClipboard } from "../copy";
import { part, type Stop } from "../modules";
import { read, write as address } from "./address";
import { copy } from "./slots";

const LOADING = "Wird geladen …";
const UNKNOWN = "Diese Baustelle ist nicht bekannt.";
const FAILED = "Die Angaben können gerade nicht geladen werden.";

export interface Detail {
  open(id: string): void;
  /** Bring the open one up to date, without moving anything. */
  update(id: string): void;
  close(): void;
  stop: Stop;
}

export function detail(root: HTMLElement, closed: () => void): Detail {
  const [body, link] = [part(root, "[data-body]"), part(root, "[data-link]")];
  const listening = new AbortController();
  let asking = new AbortController();
  const on = { signal: listening.signal };
  part(root, "[data-close]").addEventListener("click", closed, on);
  part(root, "[data-share]").addEventListener("click", (event) => void share(event.currentTarget as HTMLElement, link), on);
  root.addEventListener("keydown", (event) => event.key === "Escape" && closed(), on);

  /** `failed` gets the status of the answer, 0 where there was none. */
  const ask = (id: string, then: () => void, failed: (status: number) => void): void => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    fetch(`/map/detail/${encodeURIComponent(id)}`, { signal })
      .then(async (response) => {
        if (!response.ok) return failed(response.status);
        body.innerHTML = await response.text();
        then();
      })
      .catch(() => signal.aborted || failed(0));
  };
  const failed = (id: string, status: number): void => {
    body.replaceChildren(heading(status === 404 ? UNKNOWN : FAILED));
    if (status !== 404) {
      body.append(copy("again"));
      part(body, "button").addEventListener("click", () => open(id));
    }
    focus(body);
  };
  const open = (id: string): void => {
    body.replaceChildren(heading(LOADING));
    root.hidden = false;
    link.hidden = true;
    body.scrollTop = 0;
    focus(body);
    ask(id, () => focus(body), (status) => failed(id, status));
  };
  return {
    open,
    update: (id) => {
      const [top, inside] = [body.scrollTop, body.contains(document.activeElement)];
      ask(id, () => {
        body.scrollTop = top;
        if (inside) focus(body);
      }, () => undefined);
    },
    close: () => {
      asking.abort();
      root.hidden = true;
    },
    stop: () => {
      asking.abort();
      listening.abort();
    },
  };
}

function focus(body: HTMLElement): void {
  part(body, "h1").focus({ preventScroll: true });
}

function heading(text: string): HTMLElement {
  const element = document.createElement("h1");
  element.id = "detail-place";
  element.tabIndex = -1;
  element.textContent = text;
  return element;
}

/** The address holds the view, so copying it is sharing it; where that cannot be, `shown` has it, marked for copying. */
async function share(button: HTMLElement, shown: HTMLElement): Promise<void> {
  const text = button.lastChild;
  const { href } = new URL(address(read(location.search), ""), location.href);
  try {
    await toClipboard(href);
  } catch {
    const field = part<HTMLInputElement>(shown, "input");
    shown.hidden = false;
    field.value = href;
    field.focus();
    field.select();
    return;
  }
  if (!text) return;
  text.textContent = "Link kopiert";
  setTimeout(() => (text.textContent = "Link kopieren"), 2_500);
}
