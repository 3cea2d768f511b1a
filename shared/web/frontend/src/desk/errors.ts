/** Errors that the server put at fields: gone or reworded as soon as they are mended, never new ones while one types. */

/** Judges again what is marked on the page; `errors`: what is still wrong, by the names of fields. */
export function judgeAgain(root: HTMLElement, errors: Readonly<Record<string, string>>): void {
  for (const link of root.querySelectorAll<HTMLAnchorElement>("#fehler li > a")) {
    const name = link.hash.slice(1);
    const sentence = errors[name];
    if (sentence) reword(link, name, sentence);
    else mended(name);
  }
}

/**
 * In a small form an error counts as mended once something else stands in its field; the server has the last word.
 * Call with the form's part of the page.
 */
export function forgetMended(event: Event): void {
  const field = event.target;
  if (field instanceof HTMLElement && field.getAttribute("aria-invalid") === "true") mended(field.id);
}

/** Shows the summary to whoever comes back with errors, by keyboard and screen reader too. */
export function leadToErrors(): void {
  const summary = document.getElementById("fehler");
  if (!summary) return;
  summary.tabIndex = -1;
  summary.focus({ preventScroll: true });
  summary.scrollIntoView({ block: "nearest" });
}

function reword(link: HTMLElement, id: string, sentence: string): void {
  for (const place of [link, document.querySelector(`#${CSS.escape(id)}-fehler .kern-body`)]) {
    if (place && place.textContent !== sentence) place.textContent = sentence;
  }
}

function mended(id: string): void {
  const error = document.getElementById(`${id}-fehler`);
  const box = error?.closest("[class*='--error']");
  for (const marked of box ? [box, ...box.querySelectorAll("[class*='--error']")] : []) {
    marked.classList.remove(...[...marked.classList].filter((name) => name.endsWith("--error")));
  }
  error?.remove();
  const field = document.getElementById(id);
  const described = field?.getAttribute("aria-describedby")?.replace(`${id}-fehler`, "").trim();
  field?.removeAttribute("aria-invalid");
  if (described) field?.setAttribute("aria-describedby", described);
  else field?.removeAttribute("aria-describedby");
  const summary = document.getElementById("fehler");
  summary?.querySelector(`a[href="#${CSS.escape(id)}"]`)?.closest("li")?.remove();
  if (!summary || summary.querySelector("li")) return;
  summary.remove();
  document.title = document.title.replace(/^Fehler: /, "");
}
