// Chooses light or dark before anything is drawn: what the person chose here, else what the system has.
(() => {
  "use strict";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("theme") ?? "auto";
    } catch {
      return "auto"; // Storage is switched off: the system decides.
    }
  };
  const apply = () => {
    const theme = chosen();
    const isDark = theme === "dark" || (theme !== "light" && dark.matches);
    document.documentElement.dataset.bsTheme = isDark ? "dark" : "light";
  };
  apply();
  dark.addEventListener("change", apply);
  addEventListener("theme", apply);
})();
