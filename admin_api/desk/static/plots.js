// Satisfaction over time, drawn by uPlot from the figures that stand in the page.
const DAY_S = 86_400;
const COLOURS = ["#0d9488", "#d97706", "#6366f1", "#db2777", "#65a30d"];

function draw(place) {
  const { days, series } = JSON.parse(place.dataset.plot);
  const names = place.dataset.names.split("|");
  const style = getComputedStyle(place);
  const quiet = style.getPropertyValue("color");
  const axis = { stroke: quiet, grid: { stroke: "rgb(128 128 128 / 18%)", width: 1 }, ticks: { show: false } };
  const options = {
    width: place.clientWidth,
    height: 230,
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
    const plot = draw(place);
    new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: 230 })).observe(place);
  }
}

drawAll();
document.addEventListener("htmx:after:swap", drawAll);
