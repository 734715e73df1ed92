// Shows the steps as they happen; without JavaScript the page reloads itself instead.
const list = document.getElementById("steps");
if (list && list.dataset.live) {
  list.replaceChildren();
  const source = new EventSource(list.dataset.live);
  source.addEventListener("step", (event) => list.insertAdjacentHTML("beforeend", event.data));
  source.addEventListener("end", () => {
    source.close();
    location.reload();
  });
}
