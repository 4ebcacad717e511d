// The theme; then everything is drawn.

function theme() {
  const kept = (value) => { // of a file the browser may keep nothing
    try { return value ? localStorage.setItem("cleaner-theme", value) : localStorage.getItem("cleaner-theme"); } catch { return null; }
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const set = (name) => {
    document.documentElement.dataset.theme = name;
    $("theme").setAttribute("aria-pressed", String(name === "dark"));
  };
  set(kept() || (dark.matches ? "dark" : "light"));
  dark.addEventListener("change", () => { if (!kept()) set(dark.matches ? "dark" : "light"); });
  $("theme").addEventListener("click", () => {
    const name = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    set(name);
    kept(name);
  });
}

theme();
ruleTable();
sourceTable();
scores();
repeated();
held();
changes();
overview();
