"""Which files a run takes, and what it says of the others."""

from __future__ import annotations

import gzip
import os
import signal
import socket
import stat
import subprocess

import pytest

from cleaner.errors import InputError, UsageError
from cleaner.io import inputs
from cleaner.io.compression import compressed
from cleaner.io.inputs import find_inputs, open_input


def found(*places, format: str = "auto", **patterns):
    """Return the paths that would be cleaned, path -> problem, and how many files are passed over."""
    inputs = find_inputs([os.fsencode(place) for place in places], format, **patterns)
    problems = {os.fsdecode(problem.path): problem.reason for problem in inputs.problems}
    return [os.fsdecode(file.path) for file in inputs.files], problems, inputs.passed_over


LINK = "a link; links are not followed (name its target as an input)"


def test_a_folder_gives_what_it_can_read_sorted_by_path(tmp_path, fill):
    names = ["b.txt", "a.jsonl", "x/c.TXT", "x-1.ndjson", "x/y/d.text", "e.JSONL", "X.txt"]
    fill(tmp_path, dict.fromkeys(names, b""))
    assert found(tmp_path)[0] == sorted(names, key=os.fsencode)


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.txt",
        ".git/a.txt",
        "a.txt~",
        "a.txt.part",
        "#a.txt#",
        "a",
        "a.gz",
        "a.pdf.zst",
        "a.txt.bz2",
        "a.txt.gz.part",
        "a.tgz",
        ".a.txt.gz",
        "txt",
        "b.txt.ledger",
        "c.pdf",
    ],
)
def test_hidden_files_and_other_kinds_are_passed_over(tmp_path, fill, name):
    fill(tmp_path, {"a.txt": b"", name: b""})
    assert found(tmp_path) == (["a.txt"], {}, not name.startswith("."))


def test_a_format_named_holds_for_what_has_a_known_name(tmp_path, fill):
    fill(tmp_path, {"a.txt": b"", "b.dat": b""})
    assert [file.format for file in find_inputs([os.fsencode(tmp_path)], "jsonl").files] == ["jsonl"]
    (single,) = find_inputs([os.fsencode(tmp_path / "b.dat")], "txt").files
    assert (single.path, single.format) == (b"b.dat", "txt")
    with pytest.raises(UsageError, match="unknown kind"):
        found(tmp_path / "b.dat")


@pytest.mark.parametrize(
    "name, format, compression",
    [
        ("a.txt", "txt", ""),
        ("a.jsonl", "jsonl", ""),
        ("a.txt.gz", "txt", "gzip"),
        ("a.jsonl.zst", "jsonl", "zstd"),
        ("a.ndjson.zstd", "jsonl", "zstd"),
        ("A.TXT.GZ", "txt", "gzip"),
    ],
)
def test_the_inner_extension_gives_the_format(tmp_path, fill, name, format, compression):
    fill(tmp_path, {name: b""})
    for place in (tmp_path, tmp_path / name):
        (file,) = find_inputs([os.fsencode(place)], "auto").files
        assert (os.fsdecode(file.path), file.format, file.compression) == (name, format, compression)


@pytest.mark.parametrize(
    "name, compression", [("a.gz", "gzip"), ("a.pdf.zst", "zstd"), ("a.txt.gz.gz", "gzip"), ("a.txt.xz", "")]
)
def test_a_compressed_file_of_unknown_kind_needs_a_format(tmp_path, fill, name, compression):
    fill(tmp_path, {name: b""})
    with pytest.raises(UsageError, match="unknown kind; say --format txt, jsonl or parquet"):
        found(tmp_path / name)
    (file,) = find_inputs([os.fsencode(tmp_path / name)], "jsonl").files
    assert (file.format, file.compression) == ("jsonl", compression)


@pytest.mark.parametrize("kind, name", [("gzip", "a.txt.gz"), ("zstd", "a.txt.zst"), ("", "a.txt")])
def test_a_reader_sees_what_was_packed(tmp_path, kind, name):
    with open(tmp_path / name, "wb") as file, compressed(file, kind) as sink:
        sink.write(b"one\ntwo\n")
    (found,) = find_inputs([os.fsencode(tmp_path)], "auto").files
    with open_input(found) as stream:
        assert [stream.readline(), stream.read()] == [b"one\n", b"two\n"]


def test_a_cut_archive_is_named_as_cut_and_as_changed_where_it_grows(tmp_path):
    packed = gzip.compress(b"some text " * 99, mtime=0)
    (tmp_path / "a.txt.gz").write_bytes(packed[:-9])
    (file,) = find_inputs([os.fsencode(tmp_path)], "auto").files
    with pytest.raises(InputError, match=r"a\.txt\.gz: gzip data, cut off after"), open_input(file) as stream:
        stream.read()
    with pytest.raises(InputError, match="changed while it was read"), open_input(file) as stream:
        (tmp_path / "a.txt.gz").write_bytes(packed)
        raise ZeroDivisionError


TREE = ["a.txt", "b.jsonl", "2024/a.txt", "2024/06/b.jsonl.gz", "drafts/c.txt", "x/drafts/d.txt", "x/e.pdf"]


@pytest.mark.parametrize(
    "include, exclude, taken",
    [
        ([], [], ["2024/06/b.jsonl.gz", "2024/a.txt", "a.txt", "b.jsonl", "drafts/c.txt", "x/drafts/d.txt"]),
        (["2024/**"], [], ["2024/06/b.jsonl.gz", "2024/a.txt"]),
        (["2024"], [], ["2024/06/b.jsonl.gz", "2024/a.txt"]),
        (["*.jsonl", "*.jsonl.gz"], [], ["2024/06/b.jsonl.gz", "b.jsonl"]),
        (["[ab].txt"], [], ["2024/a.txt", "a.txt"]),
        (["**"], ["drafts"], ["2024/06/b.jsonl.gz", "2024/a.txt", "a.txt", "b.jsonl"]),
        ([], ["**/drafts/*", "2024/*.txt"], ["2024/06/b.jsonl.gz", "a.txt", "b.jsonl"]),
        (["a.txt"], ["a.txt"], []),
        (["A.TXT"], [], []),
        (["drafts/"], ["x/drafts/"], ["drafts/c.txt"]),
    ],
)
def test_patterns_take_some_and_pass_over_the_rest(tmp_path, fill, include, exclude, taken):
    fill(tmp_path, dict.fromkeys(TREE, b""))
    files, problems, passed_over = found(tmp_path, include=include, exclude=exclude)
    assert (files, problems) == (taken, {})
    assert passed_over == len(TREE) - len(taken)


def test_what_patterns_leave_out_is_told_from_other_kinds(tmp_path, fill):
    fill(tmp_path, dict.fromkeys(TREE, b""))
    inputs = find_inputs([os.fsencode(tmp_path)], "auto", exclude=["2024", "a.txt"])
    assert (inputs.passed_over, inputs.left_out) == (3, 2)  # e.pdf; a folder left out whole counts once
    assert find_inputs([os.fsencode(tmp_path)], "auto").left_out == 0


def test_patterns_see_paths_as_they_stand_in_the_output(tmp_path, fill):
    fill(tmp_path, dict.fromkeys(["one/a.txt", "two/a.txt", "three.txt", "four.pdf"], b""))
    places = [tmp_path / name for name in ("one", "two", "three.txt")]
    assert found(*places, include=["one/**", "three.txt"])[0] == ["one/a.txt", "three.txt"]
    assert found(*places, exclude=["one"]) == (["three.txt", "two/a.txt"], {}, 1)
    assert found(tmp_path / "one", include=["one/**"]) == ([], {}, 1)
    assert found(tmp_path / "four.pdf", exclude=["*.pdf"]) == ([], {}, 1)


def test_a_name_that_is_no_utf8_can_be_named(tmp_path, fill):
    fill(tmp_path, dict.fromkeys([b"\xff/a.txt", b"b\xfe.txt", "ữ.txt".encode()], b""))
    assert found(tmp_path, include=["?/*.txt"])[0] == ["\udcff/a.txt"]
    assert found(tmp_path, exclude=["b?.txt", "ữ.txt"])[0] == ["\udcff/a.txt"]
    assert found(tmp_path, include=[os.fsdecode(b"b\xfe*")])[0] == ["b\udcfe.txt"]


def test_an_excluded_folder_is_not_looked_into(tmp_path, fill, monkeypatch):
    fill(tmp_path, {"a.txt": b"", "closed/b.txt": b"", "x/closed/c.txt": b"", "open/d.txt": b""})
    (tmp_path / "link.txt").symlink_to("a.txt")
    listed = []
    opened = inputs.folder_below
    monkeypatch.setattr(inputs, "folder_below", lambda root, path: listed.append(path) or opened(root, path))
    assert found(tmp_path, exclude=["closed", "link.*"]) == (["a.txt", "open/d.txt"], {}, 3)
    assert sorted(listed) == [b"", b"open", b"x"]


@pytest.mark.parametrize("key", ["include", "exclude"])
@pytest.mark.parametrize("pattern", ["", "/a.txt", "!a.txt", "a/../b"])
def test_a_pattern_that_can_match_nothing_is_refused(tmp_path, key, pattern):
    with pytest.raises(UsageError) as caught:
        found(tmp_path, **{key: ["ok", pattern]})
    assert str(caught.value).startswith(f"{key} '{pattern}': a pat")


@pytest.mark.parametrize("target", ["real.txt", "folder", "nowhere", "link.txt", "/etc", "."])
def test_links_are_named_and_not_followed(tmp_path, fill, target):
    fill(tmp_path, {"real.txt": b"", "folder/a.txt": b""})
    (tmp_path / "link.txt").symlink_to(target)
    assert found(tmp_path) == (["folder/a.txt", "real.txt"], {"link.txt": LINK}, 0)


def test_a_ring_of_links_ends(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/up").symlink_to("..")
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    assert found(tmp_path) == ([], {"a/up": LINK, "one": LINK, "two": LINK}, 0)


def test_a_link_to_a_folder_may_be_named_as_an_input(tmp_path, fill):
    fill(tmp_path, {"real/a.txt": b""})
    (tmp_path / "link").symlink_to("real")
    assert found(tmp_path / "link")[0] == ["a.txt"]


def test_pipes_and_sockets_are_named_and_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(tmp_path)
        listening.bind("socket.jsonl")
        names = ["pipe.txt", "socket.jsonl"]
        assert found(tmp_path) == ([], dict.fromkeys(names, "no regular file"), 0)


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(tmp_path, fill):
    fill(tmp_path, {"a.txt": b"text"})
    (file,) = find_inputs([os.fsencode(tmp_path)], "auto").files
    (tmp_path / "a.txt").unlink()
    os.mkfifo(tmp_path / "a.txt")
    signal.alarm(10)
    with pytest.raises(InputError), open_input(file):
        pass
    signal.alarm(0)


def test_a_link_that_takes_the_place_of_a_file_is_not_followed(tmp_path, fill):
    fill(tmp_path, {"in/a.txt": b"text"})
    (file,) = find_inputs([os.fsencode(tmp_path / "in")], "auto").files
    (tmp_path / "in/a.txt").rename(tmp_path / "moved.txt")
    (tmp_path / "in/a.txt").symlink_to("../moved.txt")  # to the very same file
    with pytest.raises(InputError), open_input(file):
        pass


def exchange(folder, other):
    """Put a link to another folder in the place of a folder."""
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(other)


def test_a_folder_that_is_exchanged_for_a_link_leads_nowhere(tmp_path, fill):
    """Not even to the very same file."""
    fill(tmp_path, {"in/d/e/a.txt": b"text"})
    (tmp_path / "secret/e").mkdir(parents=True)
    os.link(tmp_path / "in/d/e/a.txt", tmp_path / "secret/e/a.txt")
    (file,) = find_inputs([os.fsencode(tmp_path / "in")], "auto").files
    exchange(tmp_path / "in/d", tmp_path / "secret")
    assert (tmp_path / "in/d/e/a.txt").read_bytes() == b"text"
    with pytest.raises(InputError, match="cannot be read"), open_input(file):
        pass


def test_a_folder_that_is_exchanged_before_it_is_listed_is_named(tmp_path, fill, monkeypatch):
    fill(tmp_path, {"in/d/a.txt": b"text", "secret/b.txt": b"secret"})
    opened = inputs.folder_below

    def meddling(root, path):
        if path == b"d":
            exchange(tmp_path / "in/d", tmp_path / "secret")
        return opened(root, path)

    monkeypatch.setattr(inputs, "folder_below", meddling)
    assert found(tmp_path / "in") == ([], {"d": "folder cannot be read: Not a directory"}, 0)


def test_a_link_to_a_folder_that_was_named_is_read_through(tmp_path, fill):
    fill(tmp_path, {"real/d/a.txt": b"text"})
    (tmp_path / "link").symlink_to("real")
    (file,) = find_inputs([os.fsencode(tmp_path / "link")], "auto").files
    with open_input(file) as stream:
        assert stream.read() == b"text"


def test_a_reader_of_a_changing_file_hears_of_the_change_whatever_else_went_wrong(tmp_path, fill):
    fill(tmp_path, {"a.txt": b"text"})
    (file,) = find_inputs([os.fsencode(tmp_path)], "auto").files
    with pytest.raises(InputError, match="changed while it was read"), open_input(file):
        (tmp_path / "a.txt").write_bytes(b"another text")
        raise ValueError("something that makes no sense")


ODD_NAMES = [
    b"\xff\xfe.txt",
    b"new\nline.txt",
    b"tab\t.txt",
    b"\x1b[31mred.txt",
    "\u202egnp.txt".encode(),
    b"-o.txt",
    b"--help.txt",
    b"$(id).txt",
    b"*.txt",
    b"%s.txt",
    b"[bold].txt",
    b" .txt",
    b"a:1.txt",
    "e\u0301.txt".encode(),
    "é.txt".encode(),
    b"A.txt",
    b"a.txt",
    b"n" * 251 + b".txt",
    "ữ".encode() * 83 + b".txt",
]


def test_odd_names_keep_their_bytes(tmp_path, clean, fill, command):
    files = {name: b"A line of text in " + name + b"." for name in ODD_NAMES}
    fill(tmp_path / "in", files)
    assert clean(tmp_path / "in", tmp_path / "out").exit_code == 0
    assert sorted(os.listdir(os.fsencode(tmp_path / "out/clean"))) == sorted(files)
    assert command("verify", "out").returncode == 0
    assert command("restore", "out", "-o", "back").returncode == 0
    for name, data in files.items():
        with open(os.path.join(os.fsencode(tmp_path / "back"), name), "rb") as stream:
            assert stream.read() == data


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads whatever the mode says")
def test_what_may_not_be_read_is_named(tmp_path, fill, clean):
    fill(tmp_path / "in", {"a.txt": b"a", "b.txt": b"b", "c/d.txt": b"d"})
    (tmp_path / "in/a.txt").chmod(0)
    (tmp_path / "in/c").chmod(0)
    outcome = clean(tmp_path / "in", tmp_path / "out")
    (tmp_path / "in/c").chmod(stat.S_IRWXU)
    assert {os.fsdecode(problem.path) for problem in outcome.problems} == {"a.txt", "c"}
    assert os.listdir(tmp_path / "out/clean") == ["b.txt"]


def test_a_folder_that_cannot_be_listed_is_named(tmp_path, fill, monkeypatch):
    fill(tmp_path, {"a.txt": b"", "closed/b.txt": b""})
    opened = inputs.folder_below

    def refusing(root, path):
        if path.endswith(b"closed"):
            raise PermissionError(13, "Permission denied", path)
        return opened(root, path)

    monkeypatch.setattr(inputs, "folder_below", refusing)
    assert found(tmp_path) == (["a.txt"], {"closed": "folder cannot be read: Permission denied"}, 0)


def test_a_tree_deeper_than_a_path_may_be_is_named(tmp_path, fill):
    fill(tmp_path, {"a.txt": b""})
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(2200):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        files, problems, _ = found(tmp_path)
    finally:
        os.close(here)
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # nothing in Python removes as deep a tree
    assert files == ["a.txt"]
    assert list(problems.values()) == ["a path of more than 3,000 bytes"]


@pytest.mark.parametrize("name", ["nothing", "nothing/a.txt", "a.txt/b", "x" * 300])
def test_a_path_that_is_not_there_is_a_problem_and_the_others_are_found(tmp_path, fill, name):
    fill(tmp_path, {"a.txt": b""})
    files, problems, _ = found(tmp_path / name, tmp_path / "a.txt")
    assert files == ["a.txt"]
    assert [problem.startswith("cannot be read: ") for problem in problems.values()] == [True]


def test_of_several_inputs_each_is_led_by_its_own_name(tmp_path, fill):
    fill(tmp_path, {"one/a.txt": b"", "two/a.txt": b"", "three.txt": b""})
    (tmp_path / "link").symlink_to("two")
    places = [tmp_path / name for name in ("two/", "three.txt", "one")]
    assert found(*places)[0] == found(*places[::-1])[0] == ["one/a.txt", "three.txt", "two/a.txt"]


@pytest.mark.parametrize("names", [("x/a.txt", "y/a.txt"), ("x", "z/x"), ("x", "x"), ("x", "./x/../x")])
def test_inputs_that_would_collide_are_refused(tmp_path, fill, names):
    fill(tmp_path, dict.fromkeys(["x/a.txt", "y/a.txt", "z/x/a.txt"], b""))
    with pytest.raises(UsageError, match="would both become"):
        found(*(tmp_path / name for name in names))


def test_hard_links_are_files_of_their_own(tmp_path, fill, clean, tree):
    fill(tmp_path / "in", {"a.txt": b"The very same line of text in both files."})
    os.link(tmp_path / "in/a.txt", tmp_path / "in/b.txt")
    clean(tmp_path / "in", tmp_path / "out")
    assert sorted(tree(tmp_path / "out", "clean")) == ["clean/a.txt", "clean/b.txt"]
