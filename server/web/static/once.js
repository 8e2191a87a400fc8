// What is shown once stands in the answer to a form. Loading the page again must not send the form again: from now on
// the address is that of what was made.
const shown = document.querySelector("[data-once]");
if (shown) history.replaceState(null, "", shown.dataset.once);
