// Numbers, tables and the histogram.

function overview() {
  const { total, about } = data;
  const kept = total.paragraphs - total.removed;
  $("name").textContent = about.name;
  $("headline").textContent = total.paragraphs
    ? `${told(total.removed)} of ${counted(total.paragraphs, "paragraph")} went, ${told(kept)} stay.`
    : "There is nothing here yet.";
  const took = about.seconds >= 60 ? `${Math.round(about.seconds / 60)} min` : `${about.seconds.toFixed(1)} s`;
  $("about").textContent = about.began
    ? `The last run, number ${told(about.run)}, began ${about.began.slice(0, 16).replace("T", " ")} UTC and took ${took}: `
      + `${counted(about.documents, "document")}, ${bytes(about.bytes_in)} in, ${bytes(about.bytes_out)} out, `
      + `${told(about.skipped)} skipped. What follows is of all that stands in this output.`
    : `The last run was number ${told(about.run)}.`;
  fill($("flow"), [["removed", total.removed], ["edited", total.edited], ["kept", kept - total.edited]], total.paragraphs);
  const reported = total.suspects - total.held_back;
  const figures = [
    ["", "Documents", told(total.documents), `${told(total.changed)} changed`],
    ["removed", "Removed", told(total.removed), `${share(total.removed, total.paragraphs)} of paragraphs`],
    ["edited", "Edited", told(total.edited), `${share(total.edited, total.paragraphs)} of paragraphs`],
    ["kept", "As they came", told(kept - total.edited), `${share(kept - total.edited, total.paragraphs)} of paragraphs`],
    ["suspects", "Held back", told(total.held_back), `and ${told(reported)} only reported`],
    ["", "Characters removed", told(total.characters), `${told(Math.round(total.characters / Math.max(1, total.removed)))} a paragraph`],
  ];
  for (const [colour, name, value, beside] of figures) {
    const term = make("dt", "", name);
    if (colour) term.prepend(make("i", colour));
    $("figures").append(make("div", "", term, make("dd", "value", value), make("dd", "beside", beside)));
  }
  $("colophon").textContent = `cleaner ${about.version}. This file is whole: it loads nothing and sends nothing.`;
  for (const section of document.querySelectorAll("main > section:not(#overview)")) {
    const link = make("a", "", section.querySelector("h2").textContent);
    link.href = `#${section.id}`;
    if (!section.hidden) $("sections").append(link);
  }
}

function head(table, ...names) {
  const row = make("tr");
  names.forEach((name, number) => {
    const cell = make("th", number === names.length - 1 && number > 3 ? "optional" : "", name);
    cell.scope = "col";
    row.append(cell);
  });
  table.append(make("thead", "", row));
}

function cells(row, counts) {
  for (const count of counts) row.append(make("td", count ? "" : "none", typeof count === "number" ? told(count) : count));
}

const groups = (row) => [["removed", row.removed], ["edited", row.edited], ["suspects", row.suspects]];
const sum = (row) => row.removed + row.edited + row.suspects;

function ruleTable() {
  const stages = new Map();
  data.rules.forEach((rule, number) => {
    const stage = rule.name.split(".")[0];
    if (!stages.has(stage)) stages.set(stage, { name: stage, removed: 0, edited: 0, suspects: 0, rules: [] });
    const all = stages.get(stage);
    all.rules.push({ ...rule, number, name: rule.name.slice(stage.length + 1) });
    for (const group of ["removed", "edited", "suspects"]) all[group] += rule[group];
  });
  const sorted = [...stages.values()].sort((a, b) => sum(b) - sum(a));
  const most = Math.max(1, ...sorted.map(sum));
  head($("rule-table"), "", "Removed", "Edited", "Suspects");
  for (const stage of sorted) {
    const body = make("tbody", "stage");
    const row = (one, value) => {
      const name = make("button", "link", breakable(one.name));
      name.type = "button";
      name.addEventListener("click", () => show({ rule: value }));
      const first = make("th", "", name, one.reason ? make("span", "reason", one.reason) : "", bar(groups(one), most));
      first.scope = "row";
      const made = make("tr", "", first);
      cells(made, [one.removed, one.edited, one.suspects]);
      body.append(made);
      return made;
    };
    row(stage, `stage ${stage.name}`);
    stage.rules.sort((a, b) => sum(b) - sum(a));
    const rows = stage.rules.map((rule) => row(rule, String(rule.number)));
    const rest = rows.slice(RULES_SHOWN);
    if (rest.length > 1) {
      for (const each of rest) each.hidden = true;
      const more = make("button", "link", `${counted(rest.length, "more rule")}`);
      more.type = "button";
      const last = make("tr", "more", make("th", "", more));
      last.firstChild.colSpan = 4;
      body.append(last);
      more.addEventListener("click", () => {
        for (const each of rest) each.hidden = false;
        last.remove();
        rest[0].querySelector("button").focus();
      });
    }
    $("rule-table").append(body);
  }
  $("rules").hidden = !sorted.length;
}

function sourceTable() {
  head($("source-table"), "", "Paragraphs", "Removed", "", "Edited", "Suspects");
  const most = Math.max(1, ...data.sources.map((source) => source.paragraphs));
  const body = make("tbody");
  for (const source of data.sources) {
    const rest = source.paragraphs - source.removed - source.edited;
    const parts = [["removed", source.removed], ["edited", source.edited], ["kept", rest]];
    const name = make("th", "", dataText(source.name), bar(parts, most));
    name.scope = "row";
    const row = make("tr", "", name);
    cells(row, [source.paragraphs, source.removed, share(source.removed, source.paragraphs), source.edited, source.suspects]);
    row.lastChild.classList.add("optional");
    body.append(row);
  }
  $("source-table").append(body);
  $("more-sources").textContent = `and ${counted(data.more_sources, "more source")}, smaller ones`;
  $("more-sources").hidden = !data.more_sources;
  $("sources").hidden = !data.sources.length;
}

const CLASSES = [["kept", "below the threshold"], ["suspects", "both stay: their facts differ"], ["removed", "one may go"]];

function scores() {
  const { bars, lowest, a_point: aPoint, threshold } = data.scores;
  const totals = [0, 1, 2].map((group) => bars.reduce((all, one) => all + one[group], 0));
  const all = totals[0] + totals[1] + totals[2];
  $("scores").hidden = !all;
  if (!all) return;
  $("scores-told").textContent = `${counted(all, "pair")} of paragraphs that are alike, by their ratio`
    + `${threshold === null ? "" : `; from ${threshold} on they count as near-duplicates`}.`;
  CLASSES.forEach(([names, words], group) => {
    $("scores-key").append(make("li", "", make("i", names), `${told(totals[group])} ${words}`));
  });
  head($("score-table"), "Ratio", ...CLASSES.map(([, words]) => words));
  const body = make("tbody");
  bars.forEach((one, number) => {
    if (!(one[0] + one[1] + one[2])) return;
    const from = lowest + number / aPoint;
    const name = make("th", "", from < 100 ? `${from} to ${from + 1 / aPoint}` : "100");
    name.scope = "row";
    const row = make("tr", "", name);
    cells(row, one);
    body.append(row);
  });
  $("score-table").append(body);
  const draw = () => $("histogram").replaceChildren(histogram($("histogram").clientWidth));
  draw();
  addEventListener("resize", draw);
}

function drawn(tag, values, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function histogram(width) {
  const { bars, lowest, a_point: aPoint, threshold } = data.scores;
  const height = 220, top = 26, left = 46, bottom = height - 26;
  const most = Math.max(1, ...bars.map((one) => one[0] + one[1] + one[2]));
  const step = (width - left) / bars.length;
  const x = (ratio) => left + (ratio - lowest) * aPoint * step;
  const y = (count) => bottom - (bottom - top) * count / most;
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img",
    "aria-label": "Pairs by ratio; the table below has the numbers" });
  const tick = 10 ** Math.floor(Math.log10(most)) * (most / 10 ** Math.floor(Math.log10(most)) >= 4 ? 2 : 1);
  for (let count = Math.max(1, tick); count <= most; count += Math.max(1, tick)) {
    svg.append(drawn("line", { x1: left, x2: width, y1: y(count), y2: y(count), class: "grid" }));
    svg.append(drawn("text", { x: left - 8, y: y(count) + 4, "text-anchor": "end" }, told(count)));
  }
  bars.forEach((one, number) => {
    let under = 0;
    one.forEach((count, group) => {
      if (!count) return;
      const tall = bottom - y(count);
      const inset = group === 1 ? 0.5 : 0; // the outline lies inside
      svg.append(drawn("rect", {
        x: left + number * step + 0.5 + inset, width: Math.max(1, step - 1 - 2 * inset),
        y: y(under + count) + inset, height: Math.max(0.5, tall - 2 * inset), class: CLASSES[group][0],
      }));
      under += count;
    });
  });
  svg.append(drawn("line", { x1: left, x2: width, y1: bottom, y2: bottom, class: "axis" }));
  for (let ratio = lowest; ratio <= 100; ratio += 5) {
    svg.append(drawn("text", { x: x(ratio) + (ratio === 100 ? step / 2 : 0), y: height - 6, "text-anchor": "middle" }, String(ratio)));
  }
  if (threshold !== null && threshold >= lowest) {
    svg.append(drawn("line", { x1: x(threshold), x2: x(threshold), y1: 8, y2: bottom, class: "threshold" }));
    const after = x(threshold) < width - 110;
    svg.append(drawn("text", { x: x(threshold) + (after ? 7 : -7), y: 16, class: "told", "text-anchor": after ? "start" : "end" }, `threshold ${threshold}`));
  }
  return svg;
}
