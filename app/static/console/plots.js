// Draws every plot of the page from its Vega-Lite specification, in the colours of the theme.
// Expressions are interpreted, so that the page needs no right to evaluate code.
(() => {
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  // as the browser reckons it: a canvas does not know variables, nor mixes of them
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  // Okabe and Ito's palette, which colour-blind readers can tell apart; the first is the control
  const palettes = {
    light: ["#6b7280", "#0072b2", "#b45309", "#00795c", "#8f3f76", "#3d6a8a", "#7a6a00", "#111827"],
    dark: ["#a8b1bf", "#56b4e9", "#e69f00", "#2fc99b", "#dd93c2", "#9cc9e8", "#f0e442", "#f3f4f6"],
  };
  const isDark = () => document.documentElement.getAttribute("data-bs-theme") === "dark";
  const config = () => {
    const ink = colour("--tblr-body-color"), line = colour("--tblr-border-color");
    const quiet = colour("--tblr-secondary");
    const palette = palettes[isDark() ? "dark" : "light"];
    return {
      background: null,
      font: getComputedStyle(document.body).fontFamily,
      point: { color: palette[1] }, line: { color: palette[1] }, rule: { color: palette[1] },
      bar: { color: palette[1] }, area: { color: palette[1] },
      range: { category: palette },
      axis: {
        labelColor: quiet, titleColor: ink, gridColor: line, domainColor: line, tickColor: line,
        labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400,
      },
      legend: { labelColor: ink, titleColor: ink, labelFontSize: 13 },
      header: { labelColor: ink, titleColor: ink },
      title: { color: ink },
      text: { color: ink },
      style: {
        control: { color: palette[0], stroke: palette[0], fill: palette[0] },
        treatment: { color: palette[1], stroke: palette[1], fill: palette[1] },
        ink: { color: ink, fill: ink },
        zero: { color: ink, stroke: ink, strokeWidth: 1.5 },
        margin: { color: ink, stroke: ink, strokeWidth: 1.5, strokeDash: [5, 4] },
      },
      view: { stroke: null },
    };
  };
  const drawn = new WeakMap();
  const draw = async (element) => {
    if (!element.clientWidth) return; // within a fold; drawn once that opens
    drawn.get(element)?.finalize();
    drawn.delete(element);
    try {
      // whoever reads the page may have no canvas: the table below holds the same numbers
      const result = await vegaEmbed(element, JSON.parse(element.dataset.plot), {
        actions: false,
        ast: true,
        expr: vega.expressionInterpreter,
        config: config(),
        defaultStyle: false,
        tooltip: { disableDefaultStyle: true },
        renderer: "canvas",
      });
      drawn.set(element, result);
    } catch (error) {
      element.textContent = "";
      element.classList.add("plot-failed");
      console.error(error);
    }
  };
  const drawAll = (root) => root.querySelectorAll("[data-plot]").forEach(draw);
  drawAll(document);
  document.addEventListener("htmx:after:swap", () => {
    document.querySelectorAll("[data-plot]").forEach((one) => drawn.has(one) || draw(one));
  });
  document.addEventListener("toggle", (event) => {
    event.target.querySelectorAll?.("[data-plot]").forEach((one) => drawn.has(one) || draw(one));
  }, true);
  new MutationObserver(() => drawAll(document)).observe(document.documentElement, {
    attributeFilter: ["data-bs-theme"],
  });
})();
