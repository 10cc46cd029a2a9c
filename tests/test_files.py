"""Models in files: what comes back is what was saved, and everything else is refused."""

import json
import math
import os
import pickle
import random
import re
import struct
import subprocess
import sys
import threading
from itertools import product
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import nn
import viz
from autograd import TABLE, AutogradError, Op, Value, relu, sigmoid, tanh
from autograd.disk import MAX_BYTES
from nn import MLP
from nn.files import FileError, container, load, pack, read, replace, save, unpack
from nn.files.container import CHECKSUM, KEY, MAX_HEADER, checksum
from nn.module import ACTIVATIONS

ROOT = Path(nn.__file__).parents[1]
EXTREMES = [-0.0, 5e-324, -5e-324, sys.float_info.max, -sys.float_info.max, sys.float_info.min]


def bits(model: MLP) -> dict[str, bytes]:
    return {name: struct.pack("<d", number) for name, number in model.state_dict().items()}


def small() -> MLP:
    return MLP(2, [1], seed=0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


# What comes back


@pytest.mark.parametrize(
    "model",
    [
        small(),
        MLP(2, [16, 16, 1], seed=1337),
        MLP(1, [3, 2], [tanh, None], seed=1),
        MLP(3, [2, 2, 2], [None, sigmoid, relu], seed=2),
        MLP(2, [1] * 12, seed=3),  # layer10 comes before layer2 in the alphabet
    ],
    ids=repr,
)
def test_a_model_comes_back_bit_for_bit(path, model):
    assert save(model, str(path)) == path
    again = load(str(path))
    assert repr(again) == repr(model) and again.summary() == model.summary()
    assert bits(again) == bits(model) and list(again.state_dict()) == list(model.state_dict())
    assert [layer.activation for layer in again.layers] == [la.activation for la in model.layers]
    assert os.listdir(path.parent) == [path.name]


def test_extreme_numbers_come_back_bit_for_bit(path):
    model = MLP(5, [1])
    for parameter, number in zip(model.parameters(), EXTREMES, strict=True):
        parameter.data = number
    save(model, path)
    assert bits(load(path)) == bits(model)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_built_in_operation_of_one_argument_is_an_activation(path, name):
    save(MLP(1, [1], output=TABLE[name]), path)
    assert load(path).layers[0].activation is TABLE[name]


def test_equal_models_make_equal_bytes(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    save(MLP(2, [16, 16, 1], seed=1), one)
    save(MLP(2, [16, 16, 1], seed=1), two)
    assert one.read_bytes() == two.read_bytes()
    save(load(one), two)
    assert one.read_bytes() == two.read_bytes()


def test_equal_models_make_equal_bytes_in_every_process(path):
    save(MLP(2, [4, 1], seed=1), path)
    code = (
        "import sys; from nn import MLP; from nn.files import save;"
        "save(MLP(2, [4, 1], seed=1), sys.argv[1])"
    )
    for seed in "0", "1", "2":  # of the hashes of text, which order sets
        other = path.with_name(seed)
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", code, other], check=True, cwd=ROOT, env=environment)
        assert other.read_bytes() == path.read_bytes()


def test_the_file_is_what_it_is_documented_to_be(path):
    model = MLP(2, [16, 16, 1], seed=1337)
    save(model, path)
    arrays = safetensors.numpy.load_file(path)
    assert {name: (a.shape, a.dtype) for name, a in arrays.items()} == {
        "layer1.weight": ((16, 2), np.float64),
        "layer1.bias": ((16,), np.float64),
        "layer2.weight": ((16, 16), np.float64),
        "layer2.bias": ((16,), np.float64),
        "layer3.weight": ((1, 16), np.float64),
        "layer3.bias": ((1,), np.float64),
    }
    assert arrays["layer2.weight"][3, 5] == model.layers[1].neurons[3].w[5].data
    with safetensors.safe_open(path, "numpy") as file:
        assert file.metadata() == {
            "stepgrad": '{"class_names":[],"decision":"sign","format":"stepgrad model","inputs":2,'
            '"layers":[{"activation":"relu","neurons":16},{"activation":"relu","neurons":16},'
            '{"activation":null,"neurons":1}],"parameters":337,"sha256":'
            '"456ef8329d98a41202a8f45ccd6689d9cf2391eeadf88b219cc20d9defa7620e","version":2}'
        }


def test_loading_and_saving_draw_no_random_numbers(path):
    save(MLP(2, [16, 1], seed=1), path)
    random.seed(1337)
    model = load(path)
    save(model, path)
    drawn = random.random()
    random.seed(1337)
    assert drawn == random.random()


def test_a_loaded_model_is_a_model_of_its_own(path):
    model = small()
    save(model, path)
    one, two = load(path), load(path)
    one([1.0, 2.0]).backward()
    one.parameters()[0].data = 7.0
    assert bits(two) == bits(model) and two.parameters()[0].grad is None


# Models that no file can hold


@pytest.mark.parametrize("number", [nan, inf, -inf])
def test_what_is_not_finite_is_not_saved_and_named(path, number):
    save(small(), path)
    old = path.read_bytes()
    model = MLP(2, [3, 1])
    model.layers[0].neurons[1].w[0].data = number
    with pytest.raises(FileError, match=rf"its layer1\.neuron2\.w1 is {number}$"):
        save(model, path)
    assert path.read_bytes() == old and os.listdir(path.parent) == [path.name]


@pytest.fixture
def cube():
    yield Op("cube", lambda a: a * a * a, (lambda y, a: 3 * a**2,))
    del TABLE["cube"]


def test_an_activation_of_ones_own_is_refused_by_name(path, cube):
    with pytest.raises(FileError, match=r"the activation of layer1, cube, is not built in"):
        save(MLP(2, [3, 1], cube), path)
    assert not path.exists()


def test_a_row_that_took_the_place_of_a_built_in_one_is_refused(path, monkeypatch):
    monkeypatch.setattr("autograd.op.BUILT_IN", frozenset())
    monkeypatch.setitem(TABLE, "relu", relu)  # brings ours back afterwards
    fake = Op("relu", lambda a: a, (lambda y, a: 1.0,))
    with pytest.raises(FileError, match="relu, is not built in"):
        save(MLP(2, [3, 1], fake), path)


def wider(model):
    model.layers[0].neurons[0].w.append(Value(1.0, "more"))


def mixed(model):
    model.layers[0].neurons[0].activation = tanh


def shorter(model):
    del model.layers[1]
    model.layers[1].name = "layer2"


def emptied(model):
    model.layers[1].neurons.clear()


def tied(model):
    model.layers[0].neurons[0].w = model.layers[0].neurons[1].w


def unlabelled(model):
    model.layers[0].neurons[0].w = [Value(nan), Value(1.0)]  # the second hides the first


@pytest.mark.parametrize("change", [wider, mixed, shorter, emptied, tied, unlabelled])
def test_a_model_changed_by_hand_is_refused_where_its_file_would_be_another(path, change):
    model = MLP(2, [3, 2, 3, 1])
    change(model)
    with pytest.raises(FileError, match=r"^this"):
        save(model, path)
    assert not path.exists()


def test_only_a_plain_model_is_saved(path):
    class Mine(MLP):
        pass

    for model in Mine(2, [1]), MLP(2, [1]).layers[0], None:
        with pytest.raises(TypeError, match=f"only an MLP .* not {type(model).__name__}"):
            save(model, path)
    assert not path.exists()


def test_a_model_that_could_not_be_loaded_again_is_not_saved(path, monkeypatch):
    monkeypatch.setattr(container, "MAX_BYTES", 200)
    with pytest.raises(FileError, match="bytes are too many: at most 200"):
        save(small(), path)
    assert not path.exists()


# Files that are not what they should be. `good` takes one apart, `made` puts it together again.


def good() -> tuple[dict, dict, bytes]:
    """The description, the header without it, and the numbers of a small model."""
    info = {
        "format": "stepgrad model",
        "version": 2,
        "inputs": 2,
        "layers": [{"neurons": 1, "activation": "tanh"}],
        "parameters": 3,
        "decision": "sign",
        "class_names": [],
    }
    header = {
        "layer1.weight": {"dtype": "F64", "shape": [1, 2], "data_offsets": [0, 16]},
        "layer1.bias": {"dtype": "F64", "shape": [1], "data_offsets": [16, 24]},
    }
    return info, header, struct.pack("<3d", 1.5, -2.5, 0.25)


def made(header: object, numbers: bytes, info: object = None) -> bytes:
    """A safetensors file of whatever it is given; text is taken as it is. A description that is a
    dict gets the checksum that belongs to it."""
    if isinstance(info, dict) and isinstance(header, dict) and CHECKSUM not in info:
        info = {**info, CHECKSUM: checksum(header, info, numbers)}
    if info is not None:
        info = info if isinstance(info, str) else json.dumps(info)
        header = {"__metadata__": {KEY: info}, **header}
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


def described(**changes: object) -> bytes:
    info, header, numbers = good()
    return made(header, numbers, {**info, **changes})


def refusal(path: Path, data: bytes) -> str:
    """The one sentence with which a file is refused; the file itself stays as it is."""
    path.write_bytes(data)
    with pytest.raises(FileError) as caught:
        load(path)
    assert isinstance(caught.value, AutogradError) and isinstance(caught.value, ValueError)
    message = str(caught.value)
    assert message.startswith(f"{path} ") and "\n" not in message
    assert len(message) < len(str(path)) + 250
    message.encode()  # it can be printed
    assert path.read_bytes() == data
    return message[len(str(path)) + 1 :]


def test_the_order_of_keys_and_the_spaces_in_json_do_not_matter(path):
    info, header, numbers = good()
    backwards = dict(reversed(info.items()))
    swapped = dict(reversed(header.items()))
    path.write_bytes(made(header, numbers, info))
    one = load(path)
    backwards = {CHECKSUM: checksum(header, info, numbers), **backwards}
    path.write_bytes(made(swapped, numbers, json.dumps(backwards, indent=4)))
    two = load(path)
    assert repr(one) == repr(two) == "MLP(2 → 1 tanh)"
    assert bits(one) == bits(two)
    assert list(one.state_dict().values()) == [1.5, -2.5, 0.25]


INFO, HEADER, NUMBERS = good()
WEIGHT, BIAS = HEADER["layer1.weight"], HEADER["layer1.bias"]
ROUND = json.dumps(INFO)
SEALED = json.dumps({**INFO, CHECKSUM: checksum(HEADER, INFO, NUMBERS)})
HUGE = "9" * 5000  # Python converts integers of up to 4300 digits

NOT_SAFETENSORS = {
    "nothing": (b"", "cut short"),
    "a few bytes": (b"\1\2\3", "cut short"),
    "text": (b"Dear diary, today I trained a model.", "cut short"),
    "a pickle": (pickle.dumps({"layer1.weight": [1.0] * 100}), "cut short"),
    "a pickle that calls": (b"cos\nsystem\n(S'touch pwned'\ntR.", "cut short"),
    "a header longer than the file": (struct.pack("<Q", 2**63) + b"{}", "cut short"),
    "a header of 0 bytes": (struct.pack("<Q", 0), "Expecting value"),
    "no text": (made(b"\xff\xfe{}", b""), "utf-8"),
    "no JSON": (made(b"weights: 3", b""), "Expecting value"),
    "two headers": (made(b"{}{}", b""), "Extra data"),
    "a list": (made([], b""), r"no object, but \[\]"),
    "a number": (made(b"3", b""), "no object, but 3"),
    "an empty header": (made({}, b""), "not written by stepgrad"),
    "trailing bytes": (described() + b"\0", "[Mm]etadata"),
    "missing bytes": (described()[:-8], "[Mm]etadata"),
    "deep lists": (made(b"[" * 100_000, b""), "recursion"),
    "deep objects": (made(b'{"a":' * 100_000, b""), "recursion"),
    "a huge integer": (made(f'{{"a":{HUGE}}}'.encode(), b""), "4300"),
    "NaN": (made(b'{"a":NaN}', b""), "NaN is no number"),
    "Infinity": (made(b'{"a":-Infinity}', b""), "-Infinity is no number"),
    "1e999": (made(b'{"a":1e999}', b""), "1e999 is too large"),
    "a long number": (made(b'{"a":%s.0}' % (b"9" * 5000), b""), "9999 is too large"),
    "a broken letter": (made({"\ud800": WEIGHT}, NUMBERS, INFO), "header"),
}

OTHER_HEADERS = {
    "a tensor twice": (
        made(
            b'{"__metadata__":%s,"w":%s,"w":%s}'
            % tuple(json.dumps(x).encode() for x in ({KEY: ROUND}, WEIGHT, BIAS)),
            NUMBERS,
        ),
        "'w' comes twice",
    ),
    "metadata twice": (
        made(b'{"__metadata__":{},"__metadata__":{"stepgrad":"{}"}}', b""),
        "'__metadata__' comes twice",
    ),
    "our key twice": (
        made(b'{"__metadata__":{"stepgrad":"{}","stepgrad":"{}"}}', b""),
        "'stepgrad' comes twice",
    ),
    "a dtype twice": (made(b'{"w":{"dtype":"F64","dtype":"F64"}}', b""), "'dtype' comes twice"),
    "no metadata": (made(HEADER, NUMBERS), "not written by stepgrad"),
    "metadata of others": (
        made({"__metadata__": {"format": "pt"}, **HEADER}, NUMBERS),
        "not written by stepgrad",
    ),
    "one key too many": (
        made({"__metadata__": {KEY: ROUND, "format": "pt"}, **HEADER}, NUMBERS),
        "not written by stepgrad",
    ),
    "metadata no object": (made({"__metadata__": 1, **HEADER}, NUMBERS), "not written by stepgrad"),
    "metadata no text": (made({"__metadata__": {KEY: INFO}, **HEADER}, NUMBERS), "header"),
    "a tensor of 32 bits": (
        made(
            {
                "layer1.weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]},
                "layer1.bias": {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]},
            },
            struct.pack("<3f", 1, 2, 3),
            INFO,
        ),
        "'layer1.weight' is of 'F32', not of floats, 'F64'",
    ),
    "a tensor of integers": (
        made({**HEADER, "layer1.weight": {**WEIGHT, "dtype": "I64"}}, NUMBERS, INFO),
        "'I64'",
    ),
    "no dtype that exists": (
        made({**HEADER, "layer1.weight": {**WEIGHT, "dtype": ["F64"]}}, NUMBERS, INFO),
        r"of \['F64'\], not",
    ),
    "a tensor without offsets": (
        made({**HEADER, "layer1.bias": {"dtype": "F64", "shape": [1]}}, NUMBERS, INFO),
        "describes 'layer1.bias' as {'dtype': 'F64', 'shape': \\[1\\]}",
    ),
    "a tensor with more to say": (
        made({**HEADER, "layer1.bias": {**BIAS, "pickle": "x"}}, NUMBERS, INFO),
        "describes 'layer1.bias' as",
    ),
    "a tensor no object": (made({**HEADER, "layer1.bias": 5}, NUMBERS, INFO), "as 5"),
}

OTHER_TENSORS = {
    "none": ({}, b"", "has no 'layer1.bias', which its layers do need"),
    "a missing name": (
        {"layer1.weight": WEIGHT},
        NUMBERS[:16],
        "has no 'layer1.bias', which its layers do need",
    ),
    "another name": (
        {"layer1.weight": WEIGHT, "layer1.biases": BIAS},
        NUMBERS,
        "has no 'layer1.bias', which its layers do need",
    ),
    "a name too many": (
        {**HEADER, "layer2.bias": {"dtype": "F64", "shape": [1], "data_offsets": [24, 32]}},
        NUMBERS + bytes(8),
        "has 'layer2.bias', which its layers do not need",
    ),
    "an empty tensor too many": (
        {**HEADER, "x": {"dtype": "F64", "shape": [0], "data_offsets": [24, 24]}},
        NUMBERS,
        "has 'x', which its layers do not need",
    ),
    "rows and columns exchanged": (
        {**HEADER, "layer1.weight": {**WEIGHT, "shape": [2, 1]}},
        NUMBERS,
        r"has layer1.weight as \(2, 1\), and its layers need \(1, 2\)",
    ),
    "a flat matrix": (
        {**HEADER, "layer1.weight": {**WEIGHT, "shape": [2]}},
        NUMBERS,
        r"has layer1.weight as \(2,\)",
    ),
    "a scalar": (
        {**HEADER, "layer1.bias": {**BIAS, "shape": []}},
        NUMBERS,
        r"has layer1.bias as \(\), and its layers need \(1,\)",
    ),
    "nothing in it": (
        {
            "layer1.weight": WEIGHT,
            "layer1.bias": {"dtype": "F64", "shape": [0], "data_offsets": [16, 16]},
        },
        NUMBERS[:16],
        r"has layer1.bias as \(0,\)",
    ),
    "a hundred dimensions": (
        {**HEADER, "layer1.bias": {**BIAS, "shape": [1] * 100}},
        NUMBERS,
        "cannot be read",
    ),
    "0 times a lot": (
        {**HEADER, "x": {"dtype": "F64", "shape": [0, 2**62, 4], "data_offsets": [24, 24]}},
        NUMBERS,
        "cannot be read",
    ),
    "0 times more than 64 bits": (
        {**HEADER, "x": {"dtype": "F64", "shape": [0, 2**64 - 1], "data_offsets": [24, 24]}},
        NUMBERS,
        "cannot be read",
    ),
    "a lot and 0": (
        {**HEADER, "x": {"dtype": "F64", "shape": [2**40, 0], "data_offsets": [24, 24]}},
        NUMBERS,
        "has 'x'",
    ),
    "more than 64 bits": (
        {**HEADER, "layer1.bias": {**BIAS, "shape": [2**64 + 1]}},
        NUMBERS,
        "header",
    ),
    "a product beyond 64 bits": (
        {**HEADER, "layer1.weight": {**WEIGHT, "shape": [2**33, 2**33]}},
        NUMBERS,
        "cannot be read",
    ),
    "a shape with a truth value": (
        {**HEADER, "layer1.bias": {**BIAS, "shape": [True]}},
        NUMBERS,
        "header",
    ),
    "a shape with a float": (
        {**HEADER, "layer1.bias": {**BIAS, "shape": [1.0]}},
        NUMBERS,
        "header",
    ),
    "a negative shape": (
        {**HEADER, "layer1.bias": {**BIAS, "shape": [-1]}},
        NUMBERS,
        "header",
    ),
    "overlapping tensors": (
        {**HEADER, "layer1.bias": {**BIAS, "data_offsets": [8, 16]}},
        NUMBERS,
        "cannot be read",
    ),
    "a gap": (
        {**HEADER, "layer1.bias": {**BIAS, "data_offsets": [24, 32]}},
        NUMBERS + bytes(8),
        "cannot be read",
    ),
    "an offset below 0": (
        {**HEADER, "layer1.weight": {**WEIGHT, "data_offsets": [-16, 0]}},
        NUMBERS,
        "header",
    ),
    "offsets backwards": (
        {**HEADER, "layer1.bias": {**BIAS, "data_offsets": [24, 16]}},
        NUMBERS,
        "cannot be read",
    ),
    "fewer bytes than its shape": (
        {**HEADER, "layer1.bias": {**BIAS, "data_offsets": [16, 20]}},
        NUMBERS[:20],
        "cannot be read",
    ),
}

OTHER_DESCRIPTIONS = {
    "text": ('"model"', "its description is no object, but 'model'"),
    "no JSON": ("relu", "Expecting value"),
    "nothing": ("", "Expecting value"),
    "empty": ("{}", "it has no checksum"),
    "a checkpoint": ({**INFO, "format": "stepgrad checkpoint"}, "holds 'stepgrad checkpoint', not"),
    "a list for its name": ({**INFO, "format": [[]] * 50}, r"holds \[\[\], .*\.\.\.\], not"),
    "version 1": ({**INFO, "version": 1}, "is of version 1, and only 2 is known here"),
    "version 0": ({**INFO, "version": 0}, "is of version 0"),
    "version True": ({**INFO, "version": True}, "is of version True"),
    "version 2.0": ({**INFO, "version": 2.0}, "is of version 2.0"),
    "version '2'": ({**INFO, "version": "2"}, "is of version '2'"),
    "no parameters": ({k: v for k, v in INFO.items() if k != "parameters"}, "describes its model"),
    "more than known": ({**INFO, "seed": 1}, "describes its model with"),
    "a key twice": (ROUND.replace('"inputs": 2', '"inputs": 2, "inputs": 2'), "'inputs' comes tw"),
    "a key twice inside": (ROUND.replace('"neurons": 1', '"neurons": 1, "neurons": 1'), "twice"),
    "NaN": (ROUND.replace('"inputs": 2', '"inputs": NaN'), "NaN is no number"),
    "Infinity": (ROUND.replace('"inputs": 2', '"inputs": Infinity'), "Infinity is no number"),
    "1e999": (ROUND.replace('"inputs": 2', '"inputs": 1e999'), "1e999 is too large"),
    "a huge integer": (ROUND.replace('"inputs": 2', f'"inputs": {HUGE}'), "4300"),
    "a large integer": ({**INFO, "inputs": 10**4000}, "needs?"),
    "deep JSON": ("[" * 100_000, "recursion"),
    "deep JSON inside": ({**INFO, "layers": json.loads("[" * 300 + "]" * 300)}, "describes layer"),
    "inputs True": ({**INFO, "inputs": True}, "gives its number of inputs as True"),
    "inputs 2.0": ({**INFO, "inputs": 2.0}, "gives its number of inputs as 2.0"),
    "inputs '2'": ({**INFO, "inputs": "2"}, "gives its number of inputs as '2'"),
    "inputs 0": ({**INFO, "inputs": 0}, "gives its number of inputs as 0"),
    "inputs -2": ({**INFO, "inputs": -2}, "gives its number of inputs as -2"),
    "inputs 3": ({**INFO, "inputs": 3}, r"has layer1.weight as \(1, 2\), .* need \(1, 3\)"),
    "no layers": ({**INFO, "layers": []}, r"has no list of layers, but \[\]"),
    "layers an object": ({**INFO, "layers": {"neurons": 1}}, "has no list of layers, but"),
    "a layer a number": ({**INFO, "layers": [1]}, "describes layer 1 as 1"),
    "a layer without activation": (
        {**INFO, "layers": [{"neurons": 1}]},
        "describes layer 1 as {'neurons': 1}",
    ),
    "a layer with more to say": (
        {**INFO, "layers": [{"neurons": 1, "activation": None, "class": "os.system"}]},
        "describes layer 1 as",
    ),
    "another decision": ({**INFO, "decision": "toss"}, "a decision by 'toss': there is none"),
    "a decision a list": ({**INFO, "decision": ["sign"]}, r"a decision by \['sign'\]"),
    "names no list": ({**INFO, "class_names": "ab"}, "gives the names of its classes as 'ab'"),
    "names no texts": ({**INFO, "class_names": ["a", 1]}, "gives the names of its classes as"),
    "a layer too many": (
        {**INFO, "layers": INFO["layers"] * 2},
        "has no 'layer2.bias', which its layers do need",
    ),
    "neurons True": (
        {**INFO, "layers": [{"neurons": True, "activation": "tanh"}]},
        "gives its number of neurons in layer 1 as True",
    ),
    "10**9 neurons": (
        {**INFO, "layers": [{"neurons": 10**9, "activation": "tanh"}]},
        r"has layer1.weight as \(1, 2\), and its layers need \(1000000000, 2\)",
    ),
    "4 parameters": ({**INFO, "parameters": 4}, "has 3 parameters, and says 4"),
    "True parameters": ({**INFO, "parameters": True}, "number of parameters as True"),
    "3.0 parameters": ({**INFO, "parameters": 3.0}, "number of parameters as 3.0"),
    **{
        f"activation {name!r:.30}": (
            {**INFO, "layers": [{"neurons": 1, "activation": name}]},
            "asks for an activation .*: there is none",
        )
        for name in [
            "linear", "", "Tanh", "add", "clip", "power", "cube", "os.system", "__class__",
            "builtins.eval", "\ud800", "tanh" * 10_000, 1, True, [], ["tanh"], {}, [[["tanh"]]],
        ]
    },
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_SAFETENSORS)
def test_what_is_no_safetensors_file_is_refused(path, case):
    data, reason = NOT_SAFETENSORS[case]
    assert re.search(reason, refusal(path, data))


@pytest.mark.parametrize("case", OTHER_HEADERS)
def test_a_header_that_is_not_ours_is_refused(path, case):
    data, reason = OTHER_HEADERS[case]
    assert re.search(reason, refusal(path, data))


@pytest.mark.parametrize("case", OTHER_TENSORS)
def test_tensors_that_are_not_those_of_the_layers_are_refused(path, case):
    header, numbers, reason = OTHER_TENSORS[case]
    assert re.search(reason, refusal(path, made(header, numbers, INFO)))


@pytest.mark.parametrize("case", OTHER_DESCRIPTIONS)
def test_a_description_that_is_not_of_this_model_is_refused(path, case, cube, monkeypatch):
    monkeypatch.setattr(nn.files.model, "MLP", None)  # nothing is made of what it says
    info, reason = OTHER_DESCRIPTIONS[case]
    assert re.search(reason, refusal(path, made(HEADER, NUMBERS, info)))


@pytest.mark.parametrize("number", [nan, inf, -inf])
@pytest.mark.parametrize(("place", "name"), [(1, r"layer1.weight\[0, 1\]"), (2, r"layer1.bias\[0")])
def test_a_number_that_is_not_finite_is_refused_with_its_place(path, number, place, name):
    numbers = [1.0, 2.0, 3.0]
    numbers[place] = number
    message = refusal(path, made(HEADER, struct.pack("<3d", *numbers), INFO))
    assert re.search(rf"{name}.* is {number}$", message)


def test_a_file_that_is_too_large_is_not_even_read(path, monkeypatch):
    path.touch()
    os.truncate(path, MAX_BYTES + 1)  # no byte of it takes room on the disk
    monkeypatch.setattr(Path, "read_bytes", None)
    with pytest.raises(FileError, match=r"model\.safetensors cannot be read: 67,108,865 by"):
        load(path)


def test_a_header_that_is_too_large_is_not_parsed(path, monkeypatch):
    monkeypatch.setattr(container, "_json", None)
    assert "its header has 4,194,305 bytes" in refusal(path, made(b" " * (MAX_HEADER + 1), b""))


def test_a_load_that_fails_changes_nothing(path):
    save(small(), path)
    old, rows, state = path.read_bytes(), dict(TABLE), random.getstate()
    for name in "bad", "worse":
        with pytest.raises(FileError):
            bad = path.with_name(name)
            bad.write_bytes(old[:-1] if name == "bad" else described(parameters=4))
            load(bad)
    assert path.read_bytes() == old and rows == TABLE and random.getstate() == state
    assert sorted(os.listdir(path.parent)) == ["bad", path.name, "worse"]


# Files that were damaged. Whatever is done to one, it is refused, or it is a model all the same.


def survives(path: Path, data: bytes) -> str:
    """The repr of what is loaded, or "" when it is refused; any other exception is a failure."""
    path.write_bytes(data)
    try:
        model = load(path)
    except FileError as error:
        assert str(error).startswith(str(path))
        return ""
    assert all(map(math.isfinite, model.state_dict().values()))
    return repr(model)


def test_a_file_cut_short_anywhere_is_refused(path):
    save(MLP(2, [2, 1], seed=0), path)
    data = path.read_bytes()
    for length in range(len(data)):
        assert survives(path, data[:length]) == "", length


def test_a_bit_changed_anywhere_is_refused(path):
    """But for two kinds of white space in the header, which mean the same."""
    save(small(), path)
    data = path.read_bytes()
    space = range(8 + int.from_bytes(data[:8], "little"))
    for place, change in product(range(len(data)), [1, 2, 4, 8, 16, 32, 64, 128, 255]):
        changed = bytearray(data)
        changed[place] ^= change
        if place in space and {data[place], changed[place]} <= set(b" \t\r\n"):
            continue
        assert survives(path, bytes(changed)) == "", (place, change)


def test_a_bit_changed_in_the_numbers_is_said_to_be_damage(path):
    save(small(), path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    assert "its checksum is not that of its content" in refusal(path, bytes(data))


def places(thing: object, so_far: tuple = ()) -> list[tuple]:
    """The way to every part of some JSON, itself included."""
    found = [so_far]
    if isinstance(thing, dict | list):
        for key in thing if isinstance(thing, dict) else range(len(thing)):
            found += places(thing[key], (*so_far, key))
    return found


def exchanged(thing: object, way: tuple, new: object) -> object:
    if not way:
        return new
    copied = thing.copy()
    copied[way[0]] = exchanged(thing[way[0]], way[1:], new)
    return copied


STRANGE = [
    None, True, False, 0, 1, 2, 3, -1, 1.0, 1.5, 10**9, 2**31, 2**63, 2**64, 10**400, 1e308, -0.0,
    "", "F64", "F4", "BF16", "tanh", "relu", "NaN", "\ud800", "\0", "é", [], [[]], [0], [1], [2, 1],
    [0, 24], [16, 24], [2**64], {}, {"a": 1}, {"__metadata__": {}}, INFO, HEADER,
]  # fmt: skip


@pytest.mark.parametrize("what", ["header", "description"])
def test_anything_anywhere_in_the_json_is_refused_or_leaves_the_same_layers(path, what):
    whole = {"__metadata__": {KEY: SEALED}, **HEADER} if what == "header" else INFO
    for way, new in product(places(whole), STRANGE):
        changed = exchanged(whole, way, new)
        if what == "header":
            data = made(json.dumps(changed).encode(), NUMBERS)
        else:
            data = made(HEADER, NUMBERS, changed if isinstance(changed, dict) else "[]")
        found = survives(path, data)
        allowed = {"", "MLP(2 → 1 tanh)"}
        if way[-1:] == ("activation",) and new in (None, "relu"):
            allowed = {"MLP(2 → 1)", "MLP(2 → 1 relu)"}
        assert found in allowed, (way, new)


def test_a_file_changed_at_random_is_refused_or_is_a_model(path):
    rng = random.Random(1337)
    originals = []
    for model in small(), MLP(2, [3, 1], seed=1), MLP(1, [2, 2], tanh, seed=2):
        save(model, path)
        originals.append(path.read_bytes())
    pieces = [
        b"{", b"}", b"[", b"]", b'"', b",", b":", b"0", b"9", b"-", b"e999", b"NaN", b"null",
        b"true", b"\\ud800", b"\\u0000", b"\0", b"\xff", b"F32", b'"a":1,', b"[" * 2000,
    ]  # fmt: skip
    refused = 0
    for _ in range(6000):
        data = bytearray(rng.choice(originals))
        for _ in range(rng.randint(1, 4)):
            end = rng.choice([8, 60, len(data)])
            start = rng.randrange(min(end, len(data)) + 1)
            stop = start + rng.choice([0, 0, 1, 2, 8, 50])
            other = rng.choice(originals)
            cut = rng.randrange(len(other))
            data[start:stop] = rng.choice(
                [rng.choice(pieces), rng.randbytes(3), b"", other[cut : cut + 30]]
            )
        if rng.random() < 0.5:  # make the header's length fit again, so that more is looked at
            data[:8] = struct.pack("<Q", max(data.rfind(b"}") - 7, 0))
        refused += survives(path, bytes(data)) == ""
    assert refused > 5000


# Paths


def test_a_missing_file_and_a_missing_folder_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*nowhere"):
        load(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere: make it first"):
        save(small(), tmp_path / "nowhere" / "model")
    assert os.listdir(tmp_path) == []


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(FileError, match="cannot be read: it is no file"):
        load(tmp_path)
    with pytest.raises(FileError, match="cannot be written: it is no file"):
        save(small(), tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_no_file_and_nobody_waits_for_it(path):
    os.mkfifo(path)
    with pytest.raises(FileError, match="it is no file"):
        load(path)
    with pytest.raises(FileError, match="it is no file, and stays"):
        save(small(), path)


def test_a_file_that_may_not_be_read_says_so(path, monkeypatch):
    save(small(), path)

    def closed(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", closed)  # root, who runs many tests, may read it all
    with pytest.raises(PermissionError, match=r"Permission denied: .*model\.safetensors"):
        load(path)


@pytest.mark.parametrize("call", ["fsync", "replace", "listdir"])
def test_a_save_that_fails_leaves_the_old_file_alone(path, monkeypatch, call):
    save(small(), path)
    old = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(OSError, match=r"written, No space .*: .*model\.safetensors'") as caught:
            save(MLP(2, [3, 1]), path)
    assert caught.value.errno == 28
    assert path.read_bytes() == old and os.listdir(path.parent) == [path.name]


def test_an_interrupted_save_leaves_the_old_file_alone(path, monkeypatch):
    save(small(), path)
    old = path.read_bytes()

    def interrupted(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            save(MLP(2, [3, 1]), path)
    assert path.read_bytes() == old and os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("name", ["model", "a[b]*.safetensors", "(x|y)+?", "mödel 1", ".hidden"])
def test_strays_of_the_same_file_are_removed_and_nothing_else(tmp_path, name):
    path = tmp_path / name
    strays = [f".{name}.0123abcd.tmp", f".{name}.ffffffff.tmp"]
    others = [
        f".{name}.0123abc.tmp",  # seven digits
        f".{name}.0123abcg.tmp",
        f".{name}.0123ABCD.tmp",
        f"{name}.0123abcd.tmp",
        f".x{name}.0123abcd.tmp",
        f".{name}.x.0123abcd.tmp",
        f".{name}.0123abcd.tmp.bak",
        ".other.0123abcd.tmp",
    ]
    for file in strays + others:
        (tmp_path / file).write_bytes(b"half a mod")
    save(small(), path)
    assert set(os.listdir(tmp_path)) == {name, *others}
    assert repr(load(path)) == repr(small())


def test_a_stray_that_cannot_be_removed_is_left(path):
    path.with_name(f".{path.name}.0123abcd.tmp").mkdir()
    save(small(), path)
    assert repr(load(path)) == repr(small())


def test_a_save_whose_temporary_file_was_swept_away_is_made_again(path, monkeypatch):
    swept = []

    def sweep(_):
        if not swept:
            swept.extend(path.parent.glob(".*.tmp"))
            swept[0].unlink()

    monkeypatch.setattr(os, "fsync", sweep)
    save(small(), path)
    assert len(swept) == 1 and os.listdir(path.parent) == [path.name]
    assert repr(load(path)) == repr(small())


def test_a_folder_that_vanishes_during_a_save_is_told(tmp_path, monkeypatch):
    folder = tmp_path / "folder"
    folder.mkdir()

    def vanish(_):
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()

    monkeypatch.setattr(os, "fsync", vanish)
    with pytest.raises(FileNotFoundError, match="cannot be written"):
        save(small(), folder / "model")


def test_threads_can_save_to_the_same_path(path):
    models = [MLP(2, [4, 1], seed=seed) for seed in range(4)]
    failures = []

    def saving(model):
        try:
            for _ in range(40):
                save(model, path)
                assert bits(load(path)) in everything
        except BaseException as error:
            failures.append(error)

    everything = [bits(model) for model in models]
    threads = [threading.Thread(target=saving, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    save(models[0], path)
    assert os.listdir(path.parent) == [path.name]


# Runs in a process of its own, without threads, where forking is quick and safe.
KILLS = """
import os, random, signal, sys, time
from nn import MLP
from nn.files import load, save

folder = sys.argv[1]
path = folder + "/model.safetensors"
models = [MLP(2, [16, 16, 1], seed=1), MLP(2, [8, 1], seed=2)]
states = [model.state_dict() for model in models]
save(models[0], path)
rng = random.Random(1337)
strays = 0
for _ in range(200):
    child = os.fork()
    if child == 0:
        try:
            while True:
                for model in models:
                    save(model, path)
        finally:
            os._exit(1)
    time.sleep(rng.uniform(0, 0.02))
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert load(path).state_dict() in states
    strays += len(os.listdir(folder)) > 1
save(models[0], path)
print(strays, *os.listdir(folder))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_two_hundred_kills_leave_no_unreadable_file(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", KILLS, tmp_path],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert run.returncode == 0, run.stderr
    strays, *left = run.stdout.split()
    assert int(strays) > 0, "no kill came during a save"
    assert left == ["model.safetensors"]


# What checkpoints are made of


def test_arrays_and_json_come_back(path):
    arrays = {
        "losses": [0.5, 0.25, -0.0],
        "empty": [],
        "rows": [[1.0, 2.0], [3.0, 5e-324]],
        "columns": np.asfortranarray([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
        "every second": np.arange(10.0)[::2],
        "a": 0.1,
    }
    info = {"name": "é\0\ud800", "rate": 0.1, "none": None, "deep": {"list": [1, -0.0, "x", True]}}
    data = pack(arrays, info)
    replace(path, data)
    assert read(path) == data
    found, told = unpack(data, "here")
    assert told == info and found.keys() == arrays.keys()
    for name, numbers in arrays.items():
        assert found[name].dtype == np.float64
        assert found[name].tobytes() == np.array(numbers, float, order="C").tobytes()
        assert found[name].shape == np.shape(numbers)
    assert pack(dict(reversed(arrays.items())), dict(reversed(info.items()))) == data


def test_nothing_at_all_can_be_packed():
    assert unpack(pack({}, {}), "here") == ({}, {})


@pytest.mark.parametrize(
    ("arrays", "info", "reason"),
    [
        ({"loss": [1.0, nan]}, {}, r"loss\[1\] is nan"),
        ({"loss": [[1.0, -inf]]}, {}, r"loss\[0, 1\] is -inf"),
        ({"loss": [10**400]}, {}, "too large"),
        ({"loss": [[1.0, 2.0], [3.0]]}, {}, "inhomogeneous"),
        ({"__metadata__": [1.0]}, {}, "'__metadata__' comes twice"),
        ({}, {"rate": nan}, "Out of range"),
        ({}, {"size": (1, 2)}, "not plain JSON"),
        ({}, {1: 2}, "not plain JSON"),
        ({}, {"seed": 10**5000}, "4300"),
        ({}, [], "no object"),
        ({}, {"text": "x" * MAX_HEADER}, "its header has"),
        ({"many": np.zeros(MAX_BYTES // 8)}, {}, "bytes are too many"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_what_would_not_come_back_is_not_packed(arrays, info, reason):
    with pytest.raises(FileError, match=rf"this cannot be saved: .*{reason}"):
        pack(arrays, info)


def test_deep_json_is_not_packed():
    deep = {}
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(FileError, match="recursion"):
        pack({}, deep)


def test_what_cannot_be_unpacked_is_told_with_its_place():
    with pytest.raises(FileError, match=r"^the upload cannot be read: it is cut short"):
        unpack(b"", "the upload")


def test_a_checkpoint_is_no_model(path):
    replace(path, pack({"losses": [1.0]}, {"format": "stepgrad checkpoint"}))
    with pytest.raises(FileError, match="holds 'stepgrad checkpoint', not 'stepgrad model'"):
        load(path)


# What a file is besides its bytes


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_a_file_that_is_replaced_keeps_its_permissions(path, mode):
    save(small(), path)
    path.chmod(mode)
    save(MLP(2, [2, 1], seed=1), path)
    assert path.stat().st_mode & 0o777 == mode
    assert repr(load(path)) == "MLP(2 → 2 relu → 1)"


def test_a_read_only_file_is_refused_and_stays(path):
    save(small(), path)
    old = path.read_bytes()
    path.chmod(0o444)
    with pytest.raises(PermissionError, match="cannot be written: it is read-only, and stays as"):
        save(MLP(2, [2, 1], seed=1), path)
    assert path.read_bytes() == old and path.stat().st_mode & 0o777 == 0o444
    assert os.listdir(path.parent) == [path.name]


def test_a_link_stays_a_link_and_its_file_is_replaced(tmp_path):
    (tmp_path / "store").mkdir()
    target, link = tmp_path / "store" / "model", tmp_path / "latest"
    save(small(), target)
    link.symlink_to(Path("store") / "model")
    save(MLP(2, [2, 1], seed=1), link)
    assert link.is_symlink() and not target.is_symlink()
    assert repr(load(target)) == repr(load(link)) == "MLP(2 → 2 relu → 1)"
    assert os.listdir(tmp_path / "store") == ["model"]


def test_a_link_to_nothing_yet_is_filled(tmp_path):
    link = tmp_path / "latest"
    link.symlink_to(tmp_path / "model")
    save(small(), link)
    assert link.is_symlink() and (tmp_path / "model").is_file()


@pytest.mark.parametrize("name", ["m" * 250, "ö" * 125])
def test_a_long_name_is_as_good_as_a_short_one(tmp_path, name):
    save(small(), tmp_path / name)
    save(small(), tmp_path / name)
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize(
    ("decision", "names"), [("sign", ()), ("nearest", ("cat", "dog")), ("sign", ("a", "b", "c"))]
)
def test_what_the_outputs_mean_comes_back(path, decision, names):
    model = small()
    model.decision, model.class_names = decision, names
    save(model, path)
    assert (load(path).decision, load(path).class_names) == (decision, names)


# Imports


def test_pictures_and_files_are_imported_without_numpy_and_safetensors():
    code = "import sys, viz, nn.files; print({'numpy', 'safetensors'} & sys.modules.keys())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert run.stdout == "set()\n", run.stderr


def test_pictures_are_written_by_the_same_hand():
    assert viz.replace is replace
