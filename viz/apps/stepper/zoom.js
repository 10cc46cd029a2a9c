// The picture in its box: larger, smaller, as large as fits, and moved by hand.

const STEP = 1.25;
const MOST = 8;

/** Zooms the picture whose styles fit it into its box; every point stays where it is pointed at. */
export function zooming(box, pictureNow) {
  let zoom = 1;

  function to(next, { x, y } = middle(box)) {
    const picture = pictureNow();
    const before = picture.getBoundingClientRect();
    zoom = Math.min(MOST, Math.max(1, next));
    picture.classList.toggle("zoomed", zoom > 1);
    for (const side of ["width", "height"]) picture.style[side] = "";
    if (zoom > 1) {
      picture.classList.remove("zoomed"); // measured as it fits
      const { width, height } = picture.getBoundingClientRect();
      picture.classList.add("zoomed");
      picture.style.width = `${zoom * width}px`;
      picture.style.height = `${zoom * height}px`;
    }
    const after = picture.getBoundingClientRect();
    box.scrollLeft += after.left + ((x - before.left) / before.width) * after.width - x;
    box.scrollTop += after.top + ((y - before.top) / before.height) * after.height - y;
  }

  box.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // which pinching sends, too; without it a wheel scrolls
    event.preventDefault();
    to(zoom * STEP ** (-event.deltaY / 100), event);
  }, { passive: false });
  dragging(box);
  return { larger: () => to(zoom * STEP), smaller: () => to(zoom / STEP), fit: () => to(1) };
}

function middle(box) {
  const { left, top, width, height } = box.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}

/** A mouse moves the picture; fingers scroll it as they scroll everything. */
function dragging(box) {
  box.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.target.closest("[role=button]")) return;
    const move = ({ movementX, movementY }) => box.scrollBy(-movementX, -movementY);
    box.setPointerCapture(event.pointerId);
    box.addEventListener("pointermove", move);
    box.addEventListener("pointerup", () => box.removeEventListener("pointermove", move), {
      once: true,
    });
  });
}
