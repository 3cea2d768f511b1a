/** Fills copies of the page's own `<template>`s, so that markup stands in one place. */

import { part } from "../modules";

export function copy(name: string): HTMLElement {
  const template = part<HTMLTemplateElement>(document, `template[data-template="${name}"]`);
  return (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
}

export function slot<T extends Element = HTMLElement>(root: ParentNode, name: string): T {
  return part<T>(root, `[data-slot="${name}"]`);
}

/** Writes only what changed: an unchanged node keeps a reader's selection and a screen reader's place. */
export function write(root: ParentNode, name: string, text: string): void {
  const element = slot(root, name);
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}

export function icon(root: ParentNode, name: string, id: string): void {
  slot<SVGUseElement>(root, name).setAttribute("href", `#icon-${id}`);
}

/** A sentence begins with a capital and ends with a full stop. */
export function sentence(words: string): string {
  return words ? `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}` : "";
}
