// Lets the live page wait: while nobody looks, on request, and while something in it is being read.
(() => {
  let isPaused = false;
  const waits = () => {
    const part = document.querySelector("[data-live]");
    return isPaused || document.hidden || !part || part.querySelector("details[open]") !== null ||
      part.contains(document.activeElement);
  };
  document.addEventListener("htmx:config:request", (event) => {
    if (event.target.closest?.("[data-live]") && waits()) event.preventDefault();
  });
  const button = document.querySelector("[data-live-pause]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    isPaused = !isPaused;
    button.textContent = isPaused ? button.dataset.resume : button.dataset.pause;
  });
})();
