"""A word in doubt is confirmed or typed anew before a text counts; typed ones only where strange."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from formscan.model.read_words import ReadWords
from formscan.model.visits import Touch
from formscan.review.word_doubt import doubtful_words
from formscan.review.word_visits import WordVisits

READ = "viêm xphổiq trái zkhoq"


def test_that_enter_stops_at_every_word_in_doubt_and_counts_when_each_was_confirmed() -> None:
    visits = WordVisits(READ)
    first = visits.enter((0, len(READ)), [])  # an editor selects all by itself
    assert first == (5, 11)
    second = visits.enter(first, [])
    assert second == (17, 22)
    assert visits.left([]) == (second,)
    assert visits.enter(second, []) is None


def test_that_enter_somewhere_else_confirms_nothing() -> None:
    visits = WordVisits(READ)
    assert visits.enter(None, []) == (5, 11)
    assert visits.enter((0, 4), []) == (5, 11)
    assert visits.enter(None, []) == (5, 11)


def test_that_a_text_of_one_word_is_asked_for_before_its_selection_confirms_it() -> None:
    visits = WordVisits("zkhoq")
    assert visits.enter((0, 5), []) == (0, 5)
    assert visits.enter((0, 5), []) is None


def test_that_a_word_typed_anew_needs_no_visit_and_the_others_keep_theirs() -> None:
    visits = WordVisits(READ)
    visits.change("viêm phổi trái zkhoq")
    assert visits.left([]) == ((15, 20),)
    visits.change("viêm phổi gan zkhoq thêm")
    assert visits.left([]) == ((14, 19),)
    assert visits.enter((14, 19), []) is None


def test_that_a_typed_word_no_list_and_no_reading_has_is_shown_once_in_a_sitting() -> None:
    known: set[str] = set()
    visits = WordVisits("", known=known)
    visits.change("viêm phooir trái")
    assert visits.enter(None, []) == (5, 11)
    visits.change("viêm phổi trái")  # it was a slip
    assert visits.enter(None, []) is None
    visits.change("viêm NMCT trái")  # the ward's own word
    assert visits.enter((5, 9), []) is None
    again = WordVisits("", known=known)
    again.change("nmct phooir")
    assert again.left([]) == ((5, 11),)


def test_that_a_typed_word_a_reading_has_too_is_not_asked_for() -> None:
    visits = WordVisits("")
    visits.change("viêm zkhoq")
    assert visits.left(["viem Zkhoq"]) == ()
    assert visits.left(["viem zkhot"]) == ((5, 10),)


def test_that_a_text_nobody_stands_behind_is_walked_through_piece_by_piece() -> None:
    text = "viêm phổi trái do xphổiq trái viêm"
    visits = WordVisits(text, whole=True)
    places, chosen = [], None
    while (chosen := visits.enter(chosen, [])) is not None:
        places.append(text[slice(*chosen)])
    assert places == ["viêm phổi trái", "do", "xphổiq", "trái viêm"]


def test_that_enter_does_not_confirm_a_word_that_was_read_unsurely() -> None:
    read = ReadWords(("viêm", "phổi", "trái", "nặng"), (0.99, 0.5, 0.99, 0.99))
    visits = WordVisits(read.masked("viêm phổi trái nặng"), whole=True, read=read)
    gap = (5, 6)
    assert visits.enter(None, []) == (0, 4)
    assert visits.enter((0, 4), []) == gap
    assert visits.to_type(gap)
    assert visits.enter(gap, []) == gap
    visits.change("viêm phổi trái nặng")  # what the reader had: two read the same, nothing is asked again
    assert visits.enter((5, 9), ["viêm phổi trái nặng"]) == (10, 19)
    assert visits.enter((10, 19), ["viêm phổi trái nặng"]) is None
    assert [one.how for one in visits.touched()] == [Touch.VISITED, Touch.TYPED, Touch.VISITED]


def test_that_a_typed_word_is_shown_once_more_where_the_reader_has_another_there() -> None:
    read = ReadWords(("viêm", "phổi", "trái", "nặng"), (0.99, 0.5, 0.99, 0.99))
    visits = WordVisits("viêm phổi trái nặng", read=read)
    assert visits.enter(None, []) == (5, 9)
    visits.change("viêm gan trái nặng")
    assert visits.enter(None, ["viêm phổi trái nặng"]) == (5, 8)
    assert not visits.to_type((5, 8))
    assert visits.enter((5, 8), ["viêm phổi trái nặng"]) is None
    other = WordVisits("", read=read)
    other.change("đau bụng từng cơn")  # the reading is of no use there
    assert other.enter(None, ["viêm phổi trái nặng"]) is None


def test_that_words_decided_before_are_not_asked_about_again_when_one_is_changed() -> None:
    read = ReadWords(("viêm", "phổi", "trái", "nặng"), (0.99, 0.5, 0.99, 0.99))
    visits = WordVisits("", read=read, decided="viêm gan trái nặng")
    visits.change("viêm gan trái nặng")
    visits.change("viêm gan phải nặng")
    assert visits.left(["viêm phổi trái nặng"]) == ((9, 13),)


def test_that_a_reader_that_tells_how_sure_it_is_counts_more_than_another_but_not_than_the_lists() -> None:
    read = ReadWords(("viêm", "phổi", "trái"), (0.95, 0.999, 0.999))
    assert WordVisits("viêm phổi trái", read=read).left(["viêm gan trái"]) == ((0, 4),)
    strange = ReadWords(("viêm", "xphổiq", "trái"), (0.99, 0.999, 0.999))
    assert WordVisits("viêm xphổiq trái", read=strange).left(["viêm phổi trái"]) == ((5, 11),)


def test_that_a_word_typed_in_the_middle_of_a_piece_leaves_the_others_to_be_visited() -> None:
    visits = WordVisits("viêm phổi trái", whole=True)
    visits.change("viêm gan trái")
    assert visits.left([]) == ((0, 4), (9, 13))


@given(st.lists(st.sampled_from(["viêm", "phổi", "zkhoq", "xphổiq", "12/03"]), max_size=6))
def test_that_no_text_counts_before_each_word_in_doubt_was_a_stop(words: list[str]) -> None:
    text = " ".join(words)
    visits, stops, chosen = WordVisits(text), [], visits_all(text)
    for _ in range(len(words) + 1):
        found = visits.enter(chosen, [])
        if found is None:
            break
        stops.append(found)
        chosen = found
    assert stops == list(doubtful_words(text, []))


def visits_all(text: str) -> tuple[int, int] | None:
    """What an editor selects when it begins."""
    return (0, len(text)) if text else None
