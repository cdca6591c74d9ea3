// Searches the copied catalogue in the reader's browser: the words lie beside the page, nothing is asked of a network.
"use strict";

const RESULTS_SHOWN = 60;

function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

// 0: a word is missing; else the sum of where each one stands: in the name, the sentence about it, or the rest.
function score(project, words) {
  let sum = 0;
  for (const word of words) {
    const place = project.places.findIndex((text) => text.includes(" " + word));
    if (place < 0) {
      return 0;
    }
    sum += [8, 3, 1][place];
  }
  return sum;
}

function element(name, text, attributes) {
  const node = Object.assign(document.createElement(name), attributes);
  node.textContent = text;
  return node;
}

function show(projects, title) {
  if (!projects.length) {
    return;
  }
  const list = element("ol", "", { className: "results" });
  for (const { name, summary, address } of projects) {
    const item = element("li", "", { className: "card" });
    const heading = element("h3", "");
    heading.append(element("a", name, { href: address, dir: "auto" }));
    item.append(heading, element("p", summary, { dir: "auto" }));
    list.append(item);
  }
  document.getElementById("results").append(...(title ? [element("h2", title)] : []), list);
}

const query = (new URLSearchParams(location.search).get("q") || "").slice(0, 200);
const words = fold(query).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
document.getElementById("q").value = query;
if (words.length) {
  const results = catalogue.projects
    .map((project) => ({ ...project, places: project.places.map((text) => " " + fold(text)) }))
    .map((project) => ({ ...project, score: score(project, words) }))
    .filter((project) => project.score)
    .sort((one, other) => other.score - one.score)
    .slice(0, RESULTS_SHOWN);
  show(results.filter((project) => !project.resting));
  show(results.filter((project) => project.resting), catalogue.resting);
  if (!results.length) {
    document.getElementById("results").append(element("p", catalogue.none));
  }
}
