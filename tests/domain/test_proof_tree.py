"""The tree is that of RFC 6962, for any size, any leaf and any two sizes, however it is read from tiles."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.proof.tree import WIDTH, Tree, number_in, path_of, tile_root, width_of
from domain.proof.verifier import Checkpoint, Wrong, check_consistency, check_inclusion, grow, leaf_hash, root_of

# The leaves, roots and paths that the tests of Certificate Transparency have always used (transparency-dev/merkle).
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
LEAVES = [leaf_hash(bytes.fromhex(one)) for one in INPUTS]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSIONS = {
    (0, 1): [],
    (0, 2): ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"],
    (1, 2): ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}
CONSISTENCIES = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}
MANY = [leaf_hash(b"%d" % number) for number in range(WIDTH * WIDTH + 700)]
"""Enough for tiles of three levels."""
HIGHER = [[tile_root(MANY[start : start + WIDTH]) for start in range(0, WIDTH * WIDTH + 1, WIDTH)]]
HIGHER.append([tile_root(HIGHER[0][:WIDTH])])


def many(level: int, number: int, width: int) -> Sequence[bytes]:
    """A tile of the large tree."""
    row = (MANY, *HIGHER)[level]
    return row[number * WIDTH : number * WIDTH + width]


def few(level: int, number: int, width: int) -> Sequence[bytes]:
    return LEAVES[number * WIDTH : number * WIDTH + width]


def grown(leaves: Sequence[bytes]) -> bytes:
    """The root, found by adding leaf by leaf."""
    parts: list[bytes] = []
    for size, leaf in enumerate(leaves, 1):
        grow(parts, size, leaf)
    return root_of(parts)


def sizes(least: int = 0) -> st.SearchStrategy[int]:
    return st.integers(least, 600) | st.integers(WIDTH * WIDTH - 2, len(MANY)) | st.sampled_from([255, 256, 257, 512])


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_the_published_ones(size: int) -> None:
    assert Tree(size, few).root().hex() == grown(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("place", "path"), INCLUSIONS.items())
def test_the_paths_of_leaves_are_the_published_ones(place: tuple[int, int], path: list[str]) -> None:
    index, size = place
    assert [one.hex() for one in Tree(size, few).inclusion(index)] == path


@pytest.mark.parametrize(("pair", "path"), CONSISTENCIES.items())
def test_the_paths_of_consistency_are_the_published_ones(pair: tuple[int, int], path: list[str]) -> None:
    old, new = pair
    assert [one.hex() for one in Tree(new, few).consistency(old)] == path


@given(st.data())
def test_any_leaf_is_proved_in_a_tree_of_any_size_and_no_other_leaf_is(choose: st.DataObject) -> None:
    size = choose.draw(sizes(1))
    index = choose.draw(st.integers(0, size - 1))
    tree = Tree(size, many)
    signed, path = Checkpoint(size, tree.root()), tree.inclusion(index)
    check_inclusion(signed, index, MANY[index], path)
    assert len(path) <= size.bit_length()
    with pytest.raises(Wrong):
        check_inclusion(signed, index, leaf_hash(b"another"), path)
    with pytest.raises(Wrong):
        check_inclusion(signed, index, MANY[index], [*path, bytes(32)])
    with pytest.raises(Wrong):
        check_inclusion(signed, size, MANY[index], path)


@given(st.data())
def test_any_two_sizes_are_proved_to_be_of_one_history_and_no_other_history_is(choose: st.DataObject) -> None:
    new = choose.draw(sizes(2))
    old = choose.draw(st.integers(1, new - 1))
    tree = Tree(new, many)
    before, after, path = Checkpoint(old, Tree(old, many).root()), Checkpoint(new, tree.root()), tree.consistency(old)
    check_consistency(before, after, path)
    with pytest.raises(Wrong):
        check_consistency(before._replace(root=bytes(32)), after, path)
    with pytest.raises(Wrong):
        check_consistency(before, after._replace(root=bytes(32)), path)
    with pytest.raises(Wrong):
        check_consistency(after, before, path)
    with pytest.raises(Wrong):
        check_consistency(before, after, path[:-1])


@given(st.integers(0, 700))
def test_the_tree_of_tiles_is_the_tree_of_leaves(size: int) -> None:
    assert Tree(size, many).root() == grown(MANY[:size])


def test_an_empty_tree_is_continued_by_any() -> None:
    check_consistency(Checkpoint(0, Tree(0, few).root()), Checkpoint(5, Tree(5, few).root()), [])
    assert Tree(5, few).consistency(0) == []


def test_tiles_are_counted_as_their_specification_counts_them() -> None:
    # c2sp.org/tlog-tiles: a tree of 70,000.
    assert [width_of(0, number, 70_000) for number in (272, 273, 274)] == [256, 112, 0]
    assert [width_of(1, number, 70_000) for number in (0, 1, 2)] == [256, 17, 0]
    assert width_of(2, 0, 70_000) == 1
    assert [width_of(0, 0, 256), width_of(1, 0, 256)] == [256, 1]


@given(st.integers(0, 10**12), st.integers(1, 256))
def test_a_tile_is_found_again_by_its_address(number: int, width: int) -> None:
    address = path_of(number) + ("" if width == WIDTH else f".p/{width}")
    assert number_in(address) == (number, width)


def test_addresses_are_those_of_the_specification() -> None:
    assert [path_of(one) for one in (0, 999, 1000, 1234067)] == ["000", "999", "x001/000", "x001/x234/067"]


@pytest.mark.parametrize("address", ["", "0", "1000", "x000/001", "001.p/0", "001.p/256", "001.p/", "001.p/07", "-01"])
def test_an_address_of_another_form_is_none(address: str) -> None:
    with pytest.raises(ValueError, match="no number of a tile"):
        number_in(address)
