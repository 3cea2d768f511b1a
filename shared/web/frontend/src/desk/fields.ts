/** The fields of one measure in the form, by the names that the server gives them. */

import { part } from "../modules";

export type Name = "street" | "from_street" | "to_street" | "geometry" | "kind" | "house_numbers";
type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export class MeasureFields {
  readonly number: string;

  constructor(readonly root: HTMLElement, private readonly form: HTMLElement) {
    this.number = root.dataset["measure"] ?? "";
  }

  get id(): string {
    return `m${this.number}`;
  }

  field(name: Name): Field {
    return part<Field>(this.root, `[name="measures-${this.number}-${name}"]`);
  }

  value(name: Name): string {
    return this.field(name).value;
  }

  /** As if it had been typed, so that it is saved. */
  set(name: Name, value: string): void {
    const field = this.field(name);
    if (field.value === value) return;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Whether the place is a section of a street, not something drawn. */
  get chosen(): boolean {
    return this.way("section")?.checked ?? false;
  }

  set chosen(yes: boolean) {
    const way = this.way(yes ? "section" : "drawn");
    if (way) way.checked = true;
  }

  /** Says what the register found for street, from and to; empty: nothing was asked of it. */
  tell(text: string): void {
    const slot = this.root.querySelector('[data-slot="found"]');
    if (slot) slot.textContent = text;
  }

  /** Names an Ortsteil where nobody did. */
  setDistrict(name: string | null): void {
    const field = part<HTMLInputElement>(this.form, '[name="district"]');
    if (!field.value.trim() && name) field.value = name;
  }

  private way(value: string): HTMLInputElement | null {
    return this.root.querySelector(`[name="measures-${this.number}-place"][value="${value}"]`);
  }
}

export function measuresOf(form: HTMLElement): MeasureFields[] {
  return [...form.querySelectorAll<HTMLElement>("[data-measure]")].map((root) => new MeasureFields(root, form));
}
