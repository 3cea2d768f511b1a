/** Starts one script per `data-module` attribute and undoes it when the page goes away. */

/** Undoes everything that the module did: listeners, timers, requests. */
export type Stop = () => void;
export type Module = (root: HTMLElement) => Stop;

export function run(modules: Readonly<Record<string, Module>>): void {
  let running: Stop[] = [];
  const start = (): void => {
    if (running.length === 0) running = started(modules);
  };
  const stop = (): void => {
    for (const undo of running.splice(0)) undo();
  };
  start();
  addEventListener("pagehide", stop);
  addEventListener("pageshow", start);
}

function started(modules: Readonly<Record<string, Module>>): Stop[] {
  const roots = document.querySelectorAll<HTMLElement>("[data-module]");
  return [...roots].flatMap((root) => {
    const module = modules[root.dataset["module"] ?? ""];
    return module ? [module(root)] : [];
  });
}

/** The element that the template promises; its absence is an error in the template. */
export function part<T extends Element = HTMLElement>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (!found) throw new Error(`The page has no ${selector}`);
  return found;
}
