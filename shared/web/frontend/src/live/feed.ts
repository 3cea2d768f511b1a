/** Keeps a collection of features as new as the server's: one load, then its stream, resumed by the browser. */

import type { Stop } from "../modules";

export type Change<F> =
  | { readonly kind: "all"; readonly features: readonly F[] }
  | { readonly kind: "updated"; readonly feature: F }
  | { readonly kind: "removed"; readonly id: string };

export interface Source {
  readonly collection: string;
  readonly stream: string;
  /** Event types that carry a whole feature. */
  readonly updated: readonly string[];
  /** Event types that carry `{"id"}`. */
  readonly removed: readonly string[];
}

export interface Reader<F> {
  change(change: Change<F>): void;
  /** The server answered. `behindS`: how old what we show is, in seconds; undefined: as told last. */
  contact(behindS?: number): void;
}

/** A stream that died quietly is noticed after this time; unchanged collections are answered with 304. */
const RELOAD_EVERY_MS = 120_000;
const RETRY_MS = [2_000, 5_000, 15_000, 30_000];
/** The collection is not for this reader: nothing follows. */
const REFUSED = [401, 403, 404];

export function follow<F>(source: Source, reader: Reader<F>): Stop {
  const abort = new AbortController();
  let stream: EventSource | null = null;
  let failures = 0;
  let timer = 0;
  let etag: string | null = null;

  const later = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(start, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
  };
  /** False: not for this reader. Rejects where the server or the way to it fails. */
  const load = async (): Promise<boolean> => {
    const response = await fetch(source.collection, { signal: abort.signal });
    if (REFUSED.includes(response.status)) return false;
    if (!response.ok) throw new Error(`${source.collection}: ${response.status}`);
    const found = response.headers.get("ETag");
    if (found === null || found !== etag) {
      const { features } = (await response.json()) as { features: F[] };
      etag = found;
      reader.change({ kind: "all", features });
    }
    reader.contact(Number(response.headers.get("Behind-Seconds")));
    return true;
  };
  /** Failing is no news here: the stale warning tells the reader, and the next try comes by itself. */
  const reload = (): void => void load().catch(() => undefined);
  const start = (): void => {
    load()
      .then((allowed) => allowed && listen())
      .catch(() => abort.signal.aborted || later());
  };
  /** Whatever changed between load and stream is caught by loading once more when the stream is open. */
  const listen = (): void => {
    stream?.close();
    stream = new EventSource(source.stream);
    stream.addEventListener("open", () => {
      failures = 0;
      reload();
    });
    stream.addEventListener("error", () => {
      if (stream?.readyState === EventSource.CLOSED) later();
    });
    for (const type of source.updated) stream.addEventListener(type, updated);
    for (const type of source.removed) stream.addEventListener(type, removed);
    stream.addEventListener("stand", told);
  };
  const updated = (event: MessageEvent<string>): void => {
    reader.change({ kind: "updated", feature: JSON.parse(event.data) as F });
    reader.contact();
  };
  const told = (event: MessageEvent<string>): void =>
    reader.contact((JSON.parse(event.data) as { behind_s: number }).behind_s);
  const removed = (event: MessageEvent<string>): void => {
    reader.change({ kind: "removed", id: (JSON.parse(event.data) as { id: string }).id });
    reader.contact();
  };

  start();
  const timed = window.setInterval(() => {
    if (stream && !document.hidden) reload();
  }, RELOAD_EVERY_MS);
  return () => {
    abort.abort();
    stream?.close();
    clearTimeout(timer);
    clearInterval(timed);
  };
}

/** Keeps a map of all by id as new as the change. */
export function apply<F>(known: Map<string, F>, change: Change<F>, idOf: (feature: F) => string): void {
  if (change.kind === "removed") known.delete(change.id);
  if (change.kind === "updated") known.set(idOf(change.feature), change.feature);
  if (change.kind !== "all") return;
  known.clear();
  for (const feature of change.features) known.set(idOf(feature), feature);
}
