"""The walk through the forward and the backward pass as a film: an animated GIF, a frame per step.

The frames are the scenes of the walk, drawn as every PNG is; Pillow writes the film.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from viz.apps.stepper.plan import Plan
from viz.render.files import png
from viz.render.scene import Scene
from viz.walk.scenes import Walk

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_STEPS = 200  # a film of five minutes
SCALE = 2 / 3  # 1280 × 720 pixels

PAUSE, LONGEST_PAUSE, PAUSE_BY_CHARACTER = 1200, 2000, 5  # milliseconds
FIRST_PAUSE, LAST_PAUSE = 3000, 4000

COLOURS, SURFACES = 255, 48  # a GIF's last one stands for what has not changed
STEP = 4  # between the levels of red, green and blue that Pillow tells apart


def animation(plan: Plan) -> bytes:
    """The steps of a plan as an animated GIF of 1280 × 720 pixels that loops.

    Equal plans make equal bytes, with the same Typst and the same Pillow. Raises ValueError for
    more than 200 steps.
    """
    steps = plan.in_words()
    if len(steps) > MOST_STEPS:
        raise ValueError(
            f"this walk has {len(steps)} steps, and a GIF holds at most {MOST_STEPS}: save it as "
            ".html, or take a part of the graph"
        )
    frames = film(plan)
    file = BytesIO()
    next(frames).save(
        file,
        "GIF",
        save_all=True,
        append_images=frames,
        duration=[pause(steps, at) for at in range(len(steps))],
        loop=0,  # for ever
        optimize=True,  # a frame holds only what it changes
        disposal=1,  # it is laid over the one before
    )
    return file.getvalue()


def film(plan: Plan) -> Iterator["Image"]:
    """The frames, all in the colours that the last one and one in the middle have."""
    scenes = list(Walk(plan).scenes())
    palette = Palette([picture(scenes[at]) for at in (-1, len(scenes) // 2)])
    return (palette.painted(picture(scene)) for scene in scenes)


def picture(scene: Scene) -> "Image":
    from PIL import Image

    return Image.open(BytesIO(png(scene, "light", SCALE))).convert("RGB")


def pause(steps: Sequence[dict[str, Any]], at: int) -> int:
    """How long a step is shown, in milliseconds: as long as its words take to be read."""
    if at == len(steps) - 1:
        return LAST_PAUSE
    if at == 0:
        return FIRST_PAUSE
    words = sum(len(name) + len(text) for name, text in steps[at]["lines"])
    return min(PAUSE + PAUSE_BY_CHARACTER * words, LONGEST_PAUSE) // 10 * 10  # GIFs count in 10 ms


class Palette:
    """The colours of a film, chosen from pictures that between them show all there is.

    The most frequent ones, those of surfaces, are kept exactly; the others are shades at the edges
    of letters and lines.
    """

    def __init__(self, pictures: Sequence["Image"]) -> None:
        from PIL import Image

        width, height = pictures[0].size
        together = Image.new("RGB", (width, height * len(pictures)))
        for i, picture in enumerate(pictures):
            together.paste(picture, (0, height * i))
        counted: list[Any] = sorted(
            together.getcolors(width * height * len(pictures)) or [], reverse=True
        )
        shades: list[int] = (
            together.quantize(COLOURS - SURFACES, Image.Quantize.MEDIANCUT).getpalette() or []
        )
        colours = {
            tuple(band // STEP for band in colour): colour
            for colour in [
                *zip(*[iter(shades)] * 3, strict=True),
                *(colour for _, colour in reversed(counted[:SURFACES])),
            ]
        }
        self.bands = [band for colour in colours.values() for band in colour]
        self.steps = Image.new("P", (1, 1))
        self.steps.putpalette([band // STEP * STEP for band in self.bands])

    def painted(self, picture: "Image") -> "Image":
        """The picture in these colours, each replaced by the nearest."""
        from PIL import Image

        found = picture.quantize(palette=self.steps, dither=Image.Dither.NONE)
        found.putpalette(self.bands)
        return found
