"""The typed form of a filter is read as written, printed as read, and explained when wrong."""

from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tickets import language
from tickets.language import Both, Either, Misread, Not, Term, Tree, Words, both, either

names = st.from_regex(r"[a-z_][a-z0-9_.-]{0,12}", fullmatch=True)
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20
)
terms = st.builds(Term, names, st.lists(texts, min_size=1, max_size=4).map(tuple))
plain_words = st.from_regex(r"[a-z0-9äö@][a-z0-9äö@.'/+-]{0,8}", fullmatch=True).filter(
    lambda word: word not in {"and", "or", "not"}
)
phrases = st.builds(Words, texts, st.just(True))
leaves = st.one_of(terms, st.builds(Words, plain_words), phrases)


def grown(trees: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    parts = st.lists(trees, min_size=2, max_size=3)
    return st.one_of(
        st.builds(Not, trees), parts.map(lambda all_: both(*all_)),
        parts.map(lambda all_: either(*all_)),
    )  # fmt: skip


trees = st.recursive(leaves, grown, max_leaves=8)


@given(trees)
def test_what_is_printed_is_read_as_the_same_tree(tree: Tree):
    text = language.printed(tree)
    assume(len(text) <= language.MOST_CHARACTERS)
    again = language.parse(text)
    assert again == tree
    assert language.printed(again) == text


@given(trees)
def test_what_is_stored_comes_back(tree: Tree):
    assert language.from_plain(language.plain(tree)) == tree


@given(st.one_of(
    st.text(max_size=60), st.text("ab:<>,.\"\\()- orndt", max_size=60),
))  # fmt: skip
def test_no_text_does_worse_than_be_misread(text: str):
    with suppress(Misread):
        tree = language.parse(text)
        assert language.parse(language.printed(tree)) == tree


def test_the_documented_example_is_read():
    tree = language.parse(
        'status:open,pending assignee:me due<4h "export fails" -tag:spam'
        " (priority:urgent or priority:high)"
    )
    assert tree == Both((
        Term("status", ("open", "pending")), Term("assignee", ("me",)), Term("due", ("<4h",)),
        Words("export fails", is_phrase=True), Not(Term("tag", ("spam",))),
        Either((Term("priority", ("urgent",)), Term("priority", ("high",)))),
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Both()), (" - ", Both()), ("a OR b", Either((Words("a"), Words("b")))),
        ("a and not b", Both((Words("a"), Not(Words("b"))))), ("12:30", Words("12:30")),
        ("Status:open", Term("status", ("open",))),
        ("fields.Size:>5", Term("fields.Size", (">5",))),
        ('team:"Second, level",none', Term("team", ("Second, level", "none"))),
        ('tag:"say \\"hi\\""', Term("tag", ('say "hi"',))),
    ],
)  # fmt: skip
def test_words_names_and_groups(text: str, tree: Tree):
    assert language.parse(text) == tree


@pytest.mark.parametrize(
    ("text", "why", "place"),
    [
        ("(a", "open_bracket", 0), ("a)", "stray_bracket", 1), ('x "a', "open_quote", 2),
        ("status:", "no_value", 0), ("status:open,", "no_value", 0), ("a or", "nothing", 4),
        ("()", "nothing", 1), ("-)", "nothing", 1), ('tag:"a"b', "run_on", 0),
        ("(" * 12 + "a" + ")" * 12, "too_deep", 9), ("-" * 12 + "a", "too_deep", 9),
        ("a " * 61, "too_many", 120), ("a" * 2001, "too_long", 2000), ("a\0", "control", 1),
        ("tag:" + ",".join("a" * 70), "too_many", None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(text: str, why: str, place: int | None):
    with pytest.raises(Misread) as wrong:
        language.parse(text)
    assert wrong.value.why == why
    if place is not None:
        assert wrong.value.place == place
