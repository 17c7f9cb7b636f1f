"use strict";
// Without this script a trace shows all its states one below the other.
function makePlayer(player) {
  const states = [...player.querySelectorAll(".state")];
  const output = player.querySelector("output");
  const buttons = [...player.querySelectorAll("button")];
  let current = 0;

  function show(number) {
    current = Math.max(0, Math.min(states.length - 1, number));
    states.forEach((state, n) => state.classList.toggle("current", n === current));
    output.textContent = `state ${current} of ${states.length - 1}`;
    buttons[0].disabled = current === 0;
    buttons[1].disabled = current === states.length - 1;
    for (const drawn of player.querySelectorAll("svg [data-state]")) {
      const number = Number(drawn.dataset.state);
      drawn.classList.toggle("current", number === current);
      drawn.classList.toggle("ahead", number > current);
    }
  }

  function press(key) {
    const moves = { ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: states.length - 1 };
    if (!(key in moves)) return false;
    show(moves[key]);
    return true;
  }

  for (const button of buttons) {
    button.addEventListener("click", () => show(current + Number(button.dataset.move)));
  }
  for (const event of player.querySelectorAll(".event")) {
    event.addEventListener("click", () => show(Number(event.dataset.state)));
  }
  player.querySelector("input").addEventListener("change", (change) => {
    player.classList.toggle("stepping", !change.target.checked);
  });
  player.classList.add("stepping");
  player.querySelector(".controls").hidden = false;
  show(0);
  return press;
}

const players = [...document.querySelectorAll(".player")].map((element) => ({
  element,
  trace: element.closest(".trace"),
  press: makePlayer(element),
}));

// Keys go to the trace that has the focus, else to the first one that is open.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const focused = players.find((player) => player.trace.contains(document.activeElement));
  const target = focused || players.find((player) => player.trace.open);
  if (!target || !target.trace.open) return;
  const home = event.key === "Home" || event.key === "End";
  if (home && !focused) return;
  if (target.press(event.key)) event.preventDefault();
});

for (const node of document.querySelectorAll(".graph .node")) {
  const tell = () => {
    for (const other of document.querySelectorAll(".graph .node.current")) other.classList.remove("current");
    node.classList.add("current");
    document.querySelector(".caption").textContent = node.dataset.text;
  };
  node.addEventListener("click", tell);
  node.addEventListener("mouseenter", tell);
}

// A wide graph begins in the middle, where its initial states are.
for (const graph of document.querySelectorAll(".graph")) {
  const frame = graph.parentElement;
  frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
}
