// What pages do beyond HTML: tell htmx the form token. Everything works without it.
document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector("input[name=csrf_token]");
  const request = event.detail?.ctx?.request;
  if (token && request) request.headers["X-CSRFToken"] = token.value;
});
