"use strict";
// All data reaches the page as text nodes; what is made here is elements and our own words.
const data = JSON.parse(document.getElementById("data").textContent);
const KINDS = ["same", "gone", "removed", "added", "match", "note", "rule", "where"];
const TAGS = { removed: "del", added: "ins", match: "mark" };
const WORDS = { removed: "removed", edited: "edited", "held back": "held back", reported: "reported" };
const SIDES = {
  removed: ["went", "stays"], edited: ["was", "became"], "held back": ["the other", "this one"], reported: ["stands"],
};
const ON_A_PAGE = 50;
const RULES_SHOWN = 4;
const HELD_SHOWN = 6;

const $ = (id) => document.getElementById(id);
const told = (number) => number.toLocaleString("en-US");
const share = (part, all) => `${(100 * part / Math.max(1, all)).toFixed(1)} %`;
const counted = (number, noun) => `${told(number)} ${noun}${number === 1 ? "" : "s"}`;

function make(tag, names, ...children) {
  const element = document.createElement(tag);
  if (names) element.className = names;
  element.append(...children);
  return element;
}

function ofData(element) { // text of documents: any language, any direction
  element.lang = "";
  element.dir = "auto";
  return element;
}

const dataText = (text) => ofData(make("span", "data", text));

function breakable(name) { // of a rule: it may go on in the next row behind a dot or an underscore
  const made = document.createDocumentFragment();
  for (const part of name.split(/(?<=[._])/)) made.append(part, make("wbr"));
  return made;
}

function pieces(list) {
  const made = document.createDocumentFragment();
  for (let at = 0; at < list.length; at += 2) {
    const kind = KINDS[list[at]];
    made.append(kind === "same" ? list[at + 1] : make(TAGS[kind] || "span", kind, list[at + 1]));
  }
  return made;
}

function bytes(number) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  for (; number >= 1000 && unit < units.length - 1; unit += 1) number /= 1000;
  return `${unit ? number.toFixed(1) : number} ${units[unit]}`;
}

function bar(parts, all) {
  const made = make("span", "bar");
  made.setAttribute("aria-hidden", "true");
  fill(made, parts, all);
  return made;
}

function fill(element, parts, all) {
  for (const [names, size] of parts) {
    if (!size) continue;
    const part = make("i", names);
    part.style.width = `${100 * size / Math.max(1, all)}%`;
    element.append(part);
  }
}
