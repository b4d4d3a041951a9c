"""Sentences, words and languages against what NLTK with its own model, and langdetect, gave for the same texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.verifiers.instructions.languages import detected_language
from llmgym.verifiers.instructions.sentences import split_sentences
from llmgym.verifiers.instructions.tokens import punkt_sentences, word_tokens

SENTENCES = [
    ["Dr. Bell met Mr. Kay at 5 p.m. on Monday.", "They spoke for an hour."],
    ["The U.S. team won 3.5 points.", "It was close!"],
    ["He works for Acme Inc. She does not."],
    ["J. K. Rowe wrote it, i.e.", "the book.", "See p. 5 for more."],
    ["What?!", "Really... yes.", '"Stop," she said.', "(It was late.)"],
    ["Version 2.", "Then came 3.", "And so on."],
    ["He left at noon.She stayed."],
    ['"Is it so?"', "he asked.", '"No!"'],
    ["We saw cats, dogs, etc.", "They ran."],
    ["1.", "First point.", "2.", "Second point."],
    ["Wait... what?", "e.g.", "this one.", "Ph.D. students agree."],
    ["It rained on Jan. 5.", "We stayed in Washington D.C. until Feb. came."],
    ["The firm S.A. grew.", "Sales rose 5 p.m. yesterday."],
    ["Is this (really?)", "so.", "Yes!)"],
    ['said he."', "Then"],
    ["no end"],
    [],
]

WORDS = [
    ("\"We can't,\" he said; they've gone.", "`` We ca n't , '' he said ; they 've gone ."),
    ("They cannot; gimme 3.5% of $5,000.", "They can not ; gim me 3.5 % of $ 5,000 ."),
    ("A semi-open door -- and/or... not!", "A semi-open door -- and/or ... not !"),
    ("Mr. Kay's dog (a big one) isn't here.", "Mr. Kay 's dog ( a big one ) is n't here ."),
    ("[name] & <<title>> *bold*", "[ name ] & < < title > > * bold *"),
    ("I'm gonna go: 5:30 p.m. it is.", "I 'm gon na go : 5:30 p.m. it is ."),
    ("x@y.org http://a.b/c?d=1", "x @ y.org http : //a.b/c ? d=1"),
    ("more'n that, d'ye see", "more 'n that , d 'ye see"),
    ("ALL CAPS A.B.C.", "ALL CAPS A.B.C ."),
    ("One. Two.", "One . Two ."),
    ("", ""),
]

RULED = [
    ("Dr. Bell paid 3.50. Really?", ["Dr. Bell paid 3.50.", "Really?"]),
    ("See x.com and y.org. Now!", ["See x.com and y.org.", "Now!"]),
    ("Well... yes. No....", ["Well...", "yes.", "No...."]),
    ("A Ph.D. helps. So does J. Kay.", ["A Ph.D. helps.", "So does J. Kay."]),
    ("The U.S.A. They won.", ["The U.S.A.", "They won."]),
    ("The U.S.A. wins.", ["The U.S.A. wins."]),
    ("Acme Inc. He left. Acme Inc. grew.", ["Acme Inc", "He left.", "Acme Inc. grew."]),
    ('He said "Go." Then "Stop!" Why "so?"', ['He said "Go".', 'Then "Stop"!', 'Why "so"?']),
    ("\u201cGo.\u201d Yes", ["\u201cGo\u201d.", "Yes"]),
    ("one\ntwo. three", ["one two.", "three"]),
    ("a! ? b", ["a!", "?", "b"]),
    ("a b. c", ["a b. c"]),
    ("first<stop>second<prd>", ["first", "second."]),
    ("  ", []),
]


@pytest.mark.parametrize("sentences", SENTENCES, ids=[" ".join(each)[:20] for each in SENTENCES])
def test_punkt(sentences):
    assert punkt_sentences(" ".join(sentences)) == sentences


@pytest.mark.parametrize(("text", "words"), WORDS, ids=[text for text, _ in WORDS])
def test_words(text, words):
    assert word_tokens(text) == words.split()


@pytest.mark.parametrize(("text", "sentences"), RULED, ids=[text for text, _ in RULED])
def test_ruled_sentences(text, sentences):
    assert split_sentences(text) == sentences


def test_the_language_does_not_depend_on_chance():
    assert {detected_language("quick") for _ in range(30)} == {detected_language("quick")}
    assert detected_language("") is None


@given(st.text(alphabet=st.sampled_from("aB1.?! \n\"”<prd>stopMrDr'’:/")))
def test_nothing_but_blanks_is_lost_by_the_rules(text):
    def kept(part):
        return sorted(part.replace("<prd>", "").replace("<stop>", "").replace(".", ""))

    joined = "".join(split_sentences(text))
    assert kept("".join(joined.split())) == kept(
        "".join(text.replace("<prd>", "").replace("<stop>", "").split())
    )
