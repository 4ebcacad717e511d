// Texts: clusters, lines, what was held back, and the list of changes.

function ranked(count, text, ...meta) {
  const body = ofData(make("p", "text clamped", text));
  return make("li", "", make("span", "count", told(count)), make("div", "", body), make("p", "meta", ...meta));
}

function repeated() {
  for (const { went, ratio, stays } of data.clusters) {
    const item = ranked(went, pieces(stays.text), make("span", "", "stays in ", dataText(stays.where)));
    if (stays.least.right.length) {
      const least = ratio < 100 ? `the least alike of them, ratio ${ratio.toFixed(1)}` : "one of them";
      const more = make("details", "plain", make("summary", "", least));
      more.append(sides(stays.least, `, ${stays.least.document} ${stays.least.where}`));
      item.children[1].append(more);
    }
    $("cluster-list").append(item);
  }
  $("clusters").hidden = !data.clusters.length;
  for (const { text, count, rules } of data.lines) {
    $("line-list").append(ranked(count, text, ...rules.map((rule) => make("span", "", breakable(data.rules[rule].name)))));
  }
  $("lines").hidden = !data.lines.length;
  if (!data.exact) {
    const note = "Very many different ones: those that are rare for long may be counted too low, here and by source.";
    for (const id of ["clusters", "lines"]) $(id).querySelector(".soft").append(" ", note);
  }
}

function sides(item, here = "") { // `here` is where the first text stood, unless that is said already
  const [first, second] = SIDES[item.kind];
  const made = make("div", "sides");
  const side = (words, text) => {
    made.append(make("figure", "", ofData(make("figcaption", "", words)), ofData(make("p", "text", pieces(text)))));
  };
  if (item.kind === "held back") {
    side(`${first}, ${item.place}${item.right.length ? "" : ", the same text"}`, item.left);
    if (item.right.length) side(second, item.right);
  } else if (item.right.length) {
    side(first + here, item.left);
    side(item.place ? `${second}, ${item.place}` : second, item.right);
  } else {
    side(first + here + (item.place ? `; the same text ${second}, ${item.place}` : ""), item.left);
  }
  return made;
}

function entry(item) {
  const kind = make("span", item.kind === "removed" ? "kind went" : "kind", WORDS[item.kind]);
  const meta = make("span", "meta", make("span", "", breakable(data.rules[item.rules[0]].name)), dataText(item.document), make("span", "together", item.where));
  if (item.score !== undefined) meta.append(make("span", "together", `ratio ${item.score.toFixed(1)}`));
  const text = item.kind === "held back" && item.right.length ? item.right : item.left;
  const shown = ofData(make("span", "text clamped", pieces(text)));
  const details = make("details", "", make("summary", "", kind, make("span", "", shown, meta)));
  details.addEventListener("toggle", () => open(details, item));
  return make("li", "", details);
}

function open(details, item) { // its texts are set when they are first asked for
  if (!details.open || details.lastChild.className === "body") return;
  const why = make("ul", "why", ...item.why.map((row) => make("li", "", pieces(row))));
  if (item.id) why.append(make("li", "", "document id ", dataText(item.id)));
  details.append(make("div", "body", sides(item), why));
}

function held() {
  const found = data.changes.filter((item) => item.kind === "held back");
  $("held").hidden = !found.length;
  const all = make("button", "link", `All ${told(found.length)} on this page`);
  all.type = "button";
  all.addEventListener("click", () => show({ kind: "held back" }));
  $("held-told").append(
    `${counted(data.total.held_back, "pair")} alike enough that one would have gone, but their facts differ: both stay. The most alike first. `, all, ".",
  );
  $("held-list").append(...found.slice(0, HELD_SHOWN).map(entry));
}

// The list of changes: what is asked for, what matches, one page of it.

const bare = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
const cased = (text) => text.normalize("NFC").toLowerCase();
const state = { found: data.changes, page: 0 };

function haystack(item) {
  if (!item.text) {
    const texts = (list) => list.filter((_, at) => at % 2).join("");
    const words = [texts(item.left), texts(item.right), item.document, item.id || "", item.place || "", item.kind];
    words.push(...item.rules.map((rule) => data.rules[rule].name), ...item.why.map(texts));
    const whole = words.join("\n");
    item.text = [cased(whole), bare(whole)];
  }
  return item.text;
}

function matches() {
  const kind = $("kind").value, rule = $("rule").value;
  const asked = $("search").value.trim().replace(/\s+/g, " ");
  const exact = /[^\x00-\x7f]/.test(asked); // without marks, marks do not count
  const needle = exact ? cased(asked) : bare(asked);
  const stage = rule.startsWith("stage ") ? `${rule.slice(6)}.` : "";
  const named = (number) => (stage ? data.rules[number].name.startsWith(stage) : String(number) === rule);
  return data.changes.filter((item) => (!kind || item.kind === kind) && (!rule || item.rules.some(named))
    && (!needle || haystack(item)[exact ? 0 : 1].includes(needle)));
}

function search() {
  state.found = matches();
  state.page = 0;
  list();
}

function list() {
  const { found, page } = state;
  const pages = Math.max(1, Math.ceil(found.length / ON_A_PAGE));
  const first = page * ON_A_PAGE;
  const shown = found.slice(first, first + ON_A_PAGE);
  $("list").start = first + 1;
  $("list").replaceChildren(...shown.map(entry));
  if (!shown.length) $("list").append(make("li", "nothing", "Nothing here matches."));
  $("status").textContent = found.length
    ? `${told(first + 1)} to ${told(first + shown.length)} of ${told(found.length)}${found.length < data.changes.length ? " that match" : ""}` : "0 that match";
  $("page").textContent = `page ${told(page + 1)} of ${told(pages)}`;
  $("previous").disabled = !page;
  $("next").disabled = page + 1 >= pages;
  $("pages").hidden = pages === 1;
}

function turn(by) {
  const pages = Math.ceil(state.found.length / ON_A_PAGE);
  if (state.page + by < 0 || state.page + by >= pages) return;
  state.page += by;
  list();
  $("changes").scrollIntoView();
  summaries()[0].focus({ preventScroll: true });
}

function show({ kind = "", rule = "" }) {
  $("kind").value = kind;
  $("rule").value = rule;
  $("search").value = "";
  search();
  $("changes").scrollIntoView();
  $("changes").focus({ preventScroll: true });
}

const summaries = () => [...$("list").querySelectorAll("summary")];

function step(by) {
  const all = summaries();
  const at = all.indexOf(document.activeElement);
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
  if (next) next.focus();
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const field = event.target.closest("input, select");
  if (event.key === "Escape" && event.target === $("search")) {
    $("search").value = "";
    search();
    return;
  }
  if (field) return;
  const inList = document.activeElement.closest("#list");
  const does = {
    "/": () => { $("search").focus(); $("search").select(); },
    j: () => step(1), k: () => step(-1), n: () => turn(1), p: () => turn(-1),
    ...(inList ? { ArrowDown: () => step(1), ArrowUp: () => step(-1) } : {}),
  }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
}

function changes() {
  const hidden = data.changes_of - data.changes.length;
  $("shown").textContent = hidden
    ? `${told(data.changes.length)} of ${told(data.changes_of)} are on this page: the doubtful ones first, then the longest, and of every rule some. “cleaner diff” shows all.`
    : `All ${told(data.changes.length)} are on this page, the doubtful ones first, then the longest.`;
  const option = (text, value) => new Option(text, value);
  const count = (named) => told(data.changes.filter(named).length);
  $("kind").append(option("all kinds", ""));
  for (const kind of Object.keys(WORDS)) {
    if (data.changes.some((item) => item.kind === kind)) {
      $("kind").append(option(`${WORDS[kind]} (${count((item) => item.kind === kind)})`, kind));
    }
  }
  const by = new Map();
  for (const item of data.changes) for (const rule of new Set(item.rules)) by.set(rule, (by.get(rule) || 0) + 1);
  $("rule").append(option("all rules", ""));
  for (const stage of new Set([...by.keys()].map((rule) => data.rules[rule].name.split(".")[0]).sort())) {
    const group = make("optgroup");
    group.label = stage;
    group.append(option(`${stage}, all`, `stage ${stage}`));
    data.rules.forEach((rule, number) => {
      if (by.has(number) && rule.name.startsWith(`${stage}.`)) group.append(option(`${rule.name} (${told(by.get(number))})`, String(number)));
    });
    $("rule").append(group);
  }
  let waiting;
  $("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 120); });
  for (const id of ["kind", "rule"]) $(id).addEventListener("change", search);
  $("filters").addEventListener("submit", (event) => { event.preventDefault(); search(); });
  $("previous").addEventListener("click", () => turn(-1));
  $("next").addEventListener("click", () => turn(1));
  addEventListener("keydown", keys);
  addEventListener("beforeprint", () => { for (const summary of summaries()) summary.parentElement.open = true; });
  list();
}
