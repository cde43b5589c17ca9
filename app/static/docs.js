// Starts Swagger UI on the API page; a file of its own, so that the page allows no inline script.
"use strict";

const place = document.getElementById("swagger-ui");

window.ui = SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
});
