"""How the compiled engine is built, as setuptools is told in pyproject.toml."""

import os
import sys
from pathlib import Path

from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parents[2]

# To the bit what Python computes: no product and sum in one rounding. GCC fuses them unasked. And
# nobody looks at the processor's flags of exceptions, which keep a choice out of whole registers.
FLAGS = ["-O3", "-g0", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"]


class BuildNative(build_ext):
    """Prints the kernels from the table, then translates and compiles. Where that fails, for want
    of a C compiler, the installation goes on without, and the engine is the readable one."""

    def build_extensions(self) -> None:
        kernels = Path(self.build_temp, "kernels.h")
        kernels.parent.mkdir(parents=True, exist_ok=True)
        text = printed()
        if not kernels.exists() or kernels.read_text() != text:
            kernels.write_text(text)
        self.cython_c_in_temp = True
        for extension in self.extensions:
            extension.depends += [str(kernels), *map(str, Path(__file__).parent.glob("*.[hp]*"))]
            extension.include_dirs += [str(kernels.parent), str(ROOT / "autograd" / "native")]
            if self.compiler.compiler_type != "msvc":
                extension.extra_compile_args += FLAGS
        super().build_extensions()


def printed() -> str:
    """The kernels; printed by the readable engine, since a compiled one may be about to change."""
    os.environ["STEPGRAD_ENGINE"] = "python"
    sys.path.insert(0, str(ROOT))
    from autograd.native.kernels import header

    return header()
