// Draws every plot of the page from its Vega-Lite specification, in the colours of the theme.
// Expressions are interpreted, so that the page needs no right to evaluate code.
(() => {
  const colour = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const config = () => {
    const ink = colour("--tblr-body-color"), line = colour("--tblr-border-color");
    return {
      background: null,
      font: getComputedStyle(document.body).fontFamily,
      axis: { labelColor: ink, titleColor: ink, gridColor: line, domainColor: line, tickColor: line },
      legend: { labelColor: ink, titleColor: ink },
      header: { labelColor: ink, titleColor: ink },
      title: { color: ink },
      text: { color: ink },
      view: { stroke: null },
    };
  };
  const draw = (element) => {
    const specification = JSON.parse(element.dataset.plot);
    // whoever reads the page may have no canvas: the table below holds the same numbers
    return vegaEmbed(element, specification, {
      actions: false,
      ast: true,
      expr: vega.expressionInterpreter,
      config: config(),
      defaultStyle: false,
      tooltip: { disableDefaultStyle: true },
      renderer: "canvas",
    }).catch((error) => {
      element.textContent = "";
      element.classList.add("plot-failed");
      console.error(error);
    });
  };
  const drawAll = (root) => root.querySelectorAll("[data-plot]").forEach(draw);
  drawAll(document);
  document.addEventListener("htmx:after:swap", (event) => drawAll(event.target));
  new MutationObserver(() => drawAll(document)).observe(document.documentElement, {
    attributeFilter: ["data-bs-theme"],
  });
})();
