// Satisfaction over time, and the segments, drawn by uPlot from the figures that stand in the page.
const DAY_S = 86_400;
const HEIGHT = 230;
const COLOURS = ["#0d9488", "#d97706", "#6366f1", "#db2777", "#65a30d"];

function axisOf(place) {
  const quiet = getComputedStyle(place).getPropertyValue("color");
  return { stroke: quiet, grid: { stroke: "rgb(128 128 128 / 18%)", width: 1 }, ticks: { show: false } };
}

function drawBars(place) {
  const series = JSON.parse(place.dataset.bars);
  const labels = place.dataset.labels.split("|");
  const names = place.dataset.names.split("|");
  const axis = axisOf(place);
  const isNarrow = place.clientWidth < labels.length * 110;
  const sides = series.length > 1 ? [-1, 1] : [0];
  const options = {
    width: place.clientWidth,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: false, range: [-0.6, labels.length - 0.4] }, y: { range: (_, low, high) => [Math.min(0, low), Math.max(10, high * 1.1)] } },
    axes: [
      { ...axis, grid: { show: false }, splits: labels.map((_, at) => at), values: () => labels, ...(isNarrow ? { rotate: -50, size: 96 } : {}) },
      { ...axis, size: 36 },
    ],
    series: [
      { label: place.dataset.name, value: (_, at) => labels[at] ?? "–" },
      ...series.map((_, at) => ({
        label: names[at], stroke: COLOURS[at], fill: COLOURS[at], points: { show: false },
        paths: uPlot.paths.bars({ size: [0.7 / series.length, 60], align: sides[at] }),
      })),
    ],
  };
  place.replaceChildren();
  return new uPlot(options, [labels.map((_, at) => at), ...series], place);
}

function draw(place) {
  const { days, series } = JSON.parse(place.dataset.plot);
  const names = place.dataset.names.split("|");
  const axis = axisOf(place);
  const options = {
    width: place.clientWidth,
    height: HEIGHT,
    tzDate: (time) => uPlot.tzDate(new Date(time * 1000), "Etc/UTC"),
    scales: { y: { range: [0, 100] } },
    axes: [{ ...axis, incrs: [1, 2, 7, 14, 28, 91].map((days) => days * DAY_S), values: (_, times) => times.map((time) => new Date(time * 1000).toISOString().slice(5, 10)) }, { ...axis, size: 36 }],
    series: [
      { label: place.dataset.day, value: (_, time) => (time ? new Date(time * 1000).toISOString().slice(0, 10) : "–") },
      ...series.map((_, at) => ({ label: names[at], stroke: COLOURS[at % COLOURS.length], width: 2, spanGaps: true, points: { size: 6 } })),
    ],
  };
  const data = [days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000), ...series.map((one) => one.values)];
  place.replaceChildren();
  return new uPlot(options, data, place);
}

function drawAll() {
  for (const place of document.querySelectorAll(".plot:not([data-drawn])")) {
    place.dataset.drawn = "yes";
    const plot = place.dataset.bars ? drawBars(place) : draw(place);
    new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
  }
}

drawAll();
document.addEventListener("htmx:after:swap", drawAll);
