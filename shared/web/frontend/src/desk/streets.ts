/** The street register, asked over HTTP. */

export interface Section {
  readonly street: string;
  readonly district: string | null;
  readonly from_street: string | null;
  readonly to_street: string | null;
  readonly house_numbers: string | null;
  readonly geometry: GeoJSON.LineString;
}
interface Places {
  readonly crossings: readonly string[];
  readonly numbers: readonly string[];
}

/** The register knows no such street or place; the message is German. */
export class NotFoundError extends Error {}

const API = "/permits/api/v1/streets";

export async function search(text: string, signal: AbortSignal): Promise<string[]> {
  const found = await ask<{ items: { label: string }[] }>(`?${new URLSearchParams({ q: text })}`, { signal });
  return found.items.map((street) => street.label);
}

export function places(street: string, signal: AbortSignal): Promise<Places> {
  return ask<Places>(`/places?${new URLSearchParams({ street })}`, { signal });
}

export function section(street: string, from: string, to: string, signal: AbortSignal): Promise<Section> {
  return ask<Section>(`/section?${new URLSearchParams({ street, from, to })}`, { signal });
}

/** The piece of a street that a drawn line means. */
export function drawn(line: GeoJSON.LineString, street: string, token: string): Promise<Section> {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
  return ask<Section>("/drawn", { method: "POST", headers, body: JSON.stringify({ geometry: line, street }) });
}

export function words(found: Section): string {
  const ends = [found.house_numbers ? ` ${found.house_numbers}` : "", found.from_street ? ` von ${found.from_street}` : "",
    found.to_street ? ` bis ${found.to_street}` : "", found.district ? `, ${found.district}` : ""];
  return `Gefunden: ${found.street}${ends.join("")}.`;
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  const answer = await fetch(API + path, { ...init, headers: { Accept: "application/json", ...init.headers } });
  const said: unknown = await answer.json();
  if (!answer.ok) throw new NotFoundError((said as { detail?: string }).detail ?? "Das Straßenverzeichnis antwortet nicht.");
  return said as T;
}
