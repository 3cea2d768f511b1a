/** How far the phone is from the light: a hint for whoever stands beside it, and what is ordered near by. */

import type { Position } from "./geometry";
import { write } from "./live/slots";
import { part, type Stop } from "./modules";

const DEGREE_M = 111_320;
const WAIT_MS = 15_000;

export function nearMe(root: HTMLElement): Stop {
  const listening = new AbortController();
  const button = part<HTMLButtonElement>(root, "[data-locate]");
  const light = root.dataset["lon"] ? ([Number(root.dataset["lon"]), Number(root.dataset["lat"])] as Position) : null;
  const found = ({ coords }: GeolocationPosition): void => {
    if (light) write(root, "distance", words(distance([coords.longitude, coords.latitude], light), coords.accuracy));
    else location.assign(`?lon=${coords.longitude.toFixed(6)}&lat=${coords.latitude.toFixed(6)}`);
  };
  const lost = ({ code, PERMISSION_DENIED }: GeolocationPositionError): void =>
    write(root, "distance", `Ihr Standort ist nicht bekannt. ${code === PERMISSION_DENIED ? "Bitte erlauben Sie ihn im Browser." : "Bitte versuchen Sie es noch einmal."}`);
  button.hidden = !("geolocation" in navigator);
  if (!light) part(button, ".kern-label").textContent = "Vorgänge in meiner Nähe zeigen";
  button.addEventListener("click", () => {
    write(root, "distance", "Standort wird bestimmt …");
    navigator.geolocation.getCurrentPosition(found, lost, { enableHighAccuracy: true, timeout: WAIT_MS });
  }, { signal: listening.signal });
  return () => listening.abort();
}

/** Metres, for places in one city. */
export function distance([lonA, latA]: Position, [lonB, latB]: Position): number {
  const east = (lonB - lonA) * Math.cos((latA * Math.PI) / 180);
  return Math.hypot(east, latB - latA) * DEGREE_M;
}

/** Below what the phone itself knows, a distance says nothing but "here". */
export function words(metres: number, accuracy: number): string {
  const about = `auf etwa ${Math.ceil(accuracy)} m genau`;
  if (metres <= Math.max(accuracy, 15)) return `Sie stehen bei der Leuchte (${about}).`;
  const far = metres >= 1000 ? `${(metres / 1000).toFixed(1).replace(".", ",")} km` : `${Math.round(metres)} m`;
  return `Der Standort der Leuchte ist etwa ${far} von Ihrem Telefon entfernt (${about}).`;
}
