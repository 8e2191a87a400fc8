// What every page does beyond what HTML does by itself.
import { letCopy } from "./copy.js";
import { letDialogsOpen } from "./dialogs.js";
import { goLive } from "./live.js";

function letThemeBeChosen() {
  const group = document.querySelector("[data-theme-switch]");
  if (!group) return;
  let theme = "auto";
  try {
    theme = localStorage.getItem("theme") ?? "auto";
  } catch {
    return;
  }
  group.hidden = false;
  for (const input of group.querySelectorAll("input")) {
    input.checked = input.value === theme;
    input.addEventListener("change", () => {
      localStorage.setItem("theme", input.value);
      dispatchEvent(new Event("theme"));
    });
  }
}

// A message about what was done is said once: loading the page again must not repeat it.
function forgetDone() {
  const address = new URL(location.href);
  if (!address.searchParams.has("done")) return;
  address.searchParams.delete("done");
  history.replaceState(null, "", address);
}

// On a narrow screen the navigation is wider than the window: where one is has to be in sight.
function showWhereOneIs() {
  const nav = document.querySelector(".sidebar nav");
  const here = nav?.querySelector("[aria-current]");
  if (here) nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
}

letThemeBeChosen();
showWhereOneIs();
letDialogsOpen();
letCopy();
forgetDone();
document.querySelector("[data-focus]")?.focus();
goLive();
