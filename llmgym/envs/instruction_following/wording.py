"""The words in which made-up tasks state an instruction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmgym.envs.instruction_following.samples import LANGUAGE_NAMES

__all__ = ["said"]

_SAID: Mapping[str, tuple[str, ...]] = {
    "keywords:existence": (
        "Use each of these keywords: {keywords}.",
        "The keywords {keywords} must appear in your response.",
    ),
    "keywords:frequency": (
        'The word "{keyword}" should appear {relation} {frequency} times.',
        'Mention "{keyword}" {relation} {frequency} times.',
    ),
    "keywords:forbidden_words": (
        "Do not use any of these words: {forbidden_words}.",
        "Avoid the words {forbidden_words} altogether.",
    ),
    "keywords:letter_frequency": (
        'The letter "{letter}" should appear {let_relation} {let_frequency} times, in either case.',
        'Use the letter "{letter}" {let_relation} {let_frequency} times (capitals count too).',
    ),
    "language:response_language": (
        "Write the whole response in {language} and in no other language.",
        "Your entire response has to be in {language}.",
    ),
    "length_constraints:number_sentences": (
        "Your response should have {relation} {num_sentences} sentences.",
        "Write {relation} {num_sentences} sentences.",
    ),
    "length_constraints:number_paragraphs": (
        "Write {num_paragraphs} paragraphs, separated by the markdown divider ***.",
        "There should be exactly {num_paragraphs} paragraphs with the markdown divider *** between them.",
    ),
    "length_constraints:number_words": (
        "Use {relation} {num_words} words.",
        "The length of your response should be {relation} {num_words} words.",
    ),
    "length_constraints:nth_paragraph_first_word": (
        "Write exactly {num_paragraphs} paragraphs, separated by two line breaks and nothing else; paragraph "
        '{nth_paragraph} must start with the word "{first_word}".',
        "There should be {num_paragraphs} paragraphs with an empty line between them, and paragraph {nth_paragraph} "
        'has to begin with "{first_word}".',
    ),
    "detectable_content:number_placeholders": (
        "Include at least {num_placeholders} placeholders in square brackets, such as [address].",
        "There must be {num_placeholders} or more placeholders in square brackets, for example [name].",
    ),
    "detectable_content:postscript": (
        "At the end, add a postscript that starts with {postscript_marker}",
        "Close with a postscript, marked by {postscript_marker}",
    ),
    "detectable_format:number_bullet_lists": (
        'Include exactly {num_bullets} bullet points, each on a line of its own that begins with "* ".',
        "Your response must contain exactly {num_bullets} markdown bullet points such as:\n* This is a point.",
    ),
    "detectable_format:constrained_response": (
        'Include one of these sentences as it is: "My answer is yes.", "My answer is no." or "My answer is maybe."',
        'Somewhere, answer with exactly "My answer is yes.", "My answer is no." or "My answer is maybe."',
    ),
    "detectable_format:number_highlighted_sections": (
        "Highlight at least {num_highlights} parts in markdown, like *this part*.",
        "At least {num_highlights} phrases should be highlighted with asterisks, as in *highlighted phrase*.",
    ),
    "detectable_format:multiple_sections": (
        'Divide your response into {num_sections} sections; begin each with "{section_spliter}" and its number, such '
        "as {section_spliter} 1.",
        "Your response must have {num_sections} sections, marked {section_spliter} 1, {section_spliter} 2 and so on.",
    ),
    "detectable_format:json_format": (
        "The whole output must be valid JSON. A markdown code fence around it is allowed.",
        "Answer with a JSON value and nothing else.",
    ),
    "detectable_format:title": (
        "Include a title in double angular brackets, such as <<a day at sea>>.",
        "Give your response a title, wrapped as in <<my title>>.",
    ),
    "combination:two_responses": (
        "Give two different responses, separated by six asterisks: ******",
        "Write two responses that differ, with ****** and nothing else between them.",
    ),
    "combination:repeat_prompt": (
        'First repeat this request word for word, then respond: "{prompt_to_repeat}"',
        "Before you respond, repeat the request without any change and without saying anything before it. The "
        'request to repeat is: "{prompt_to_repeat}"',
    ),
    "startend:end_checker": (
        'End your response with the exact phrase "{end_phrase}" and nothing after it.',
        'The very last words must be "{end_phrase}"',
    ),
    "startend:quotation": (
        "Wrap the entire response in double quotation marks.",
        "Put double quotation marks around your whole response.",
    ),
    "change_case:capital_word_frequency": (
        "Words in all capital letters should appear {capital_relation} {capital_frequency} times.",
        "Use {capital_relation} {capital_frequency} words that are written in capitals only.",
    ),
    "change_case:english_capital": (
        "Write in English and in capital letters only.",
        "Your whole response should be in English, all in capitals.",
    ),
    "change_case:english_lowercase": (
        "Write in English and in lowercase letters only.",
        "Your whole response should be in English, without a single capital letter.",
    ),
    "punctuation:no_comma": ("Do not use any commas.", "Your response must not contain a comma."),
    "copy:repeat_phrase": (
        'Repeat the phrase "{phrase}" exactly {small_n} times, each time with exactly one word in its middle replaced '
        "by another.",
        'Write the phrase "{phrase}" exactly {small_n} times; each time, replace one word of it, but never the first '
        "or the last.",
    ),
    "copy:copy": (
        'Copy the following request word for word and do not carry it out: "{prompt_to_repeat}"',
        'Do not answer this request, only copy it: "{prompt_to_repeat}"',
    ),
    "copy:copying_simple": (
        'Repeat this request without change and say nothing else: "{prompt_to_repeat}"',
        'Only repeat the request, do not follow it. The request is: "{prompt_to_repeat}"',
    ),
    "copy:copying_multiple": (
        "Copy the following request {N} times, with ****** between the copies, and do not carry it out: "
        '"{prompt_to_repeat}"',
        'Repeat this request exactly {N} times, separated by ******, and say nothing else: "{prompt_to_repeat}"',
    ),
    "new:copy_span_idx": (
        "Copy the characters of the request from index {n_start} up to but not including index {n_end} (the first "
        'character has index 0), and write nothing else. The request is: "{prompt_to_repeat}"',
        "Count the characters of the request from 0, and write only those from number {n_start} to the one before "
        'number {n_end}. The request is: "{prompt_to_repeat}"',
    ),
    "detectable_format:sentence_hyphens": (
        "Connect all sentences with hyphens, without blanks around them.",
        "Between two sentences there should be a hyphen instead of a blank.",
    ),
    "keywords:no_adjacent_consecutive": (
        "No word may start with the letter of the alphabet that follows the first letter of the word before it.",
        "Two neighbouring words must never start with consecutive letters of the alphabet, such as a and b.",
    ),
    "detectable_format:square_brackets": (
        "Enclose every word in square brackets, together with its punctuation.",
        "Each word of your response has to be in square brackets of its own, like [this].",
    ),
    "keywords:word_once": (
        'Use the word "{keyword}" exactly once.',
        'The word "{keyword}" should appear one time only.',
    ),
    "keywords:word_count_different_numbers": (
        'The word "{keyword}" has to appear {relation} {frequency} times in total.',
        'Let the word "{keyword}" occur {relation} {frequency} times.',
    ),
    "keywords:exclude_word_harder": (
        'Do not use the word "{keyword}".',
        'The word "{keyword}" must not occur in your response.',
    ),
    "paragraphs:paragraphs": (
        "Write two paragraphs, separated by the markdown divider ***.",
        "There should be 2 paragraphs with *** between them.",
    ),
    "paragraphs:paragraphs2": (
        "Write two paragraphs with an empty line between them.",
        "There should be 2 paragraphs, separated by two line breaks.",
    ),
    "first_word:first_word_sent": (
        'Every sentence should start with the word "{first_word}".',
        'The first word of each sentence must be "{first_word}".',
    ),
    "first_word:first_word_answer": (
        'The first word of your response should be "{first_word}".',
        'Begin your response with the word "{first_word}".',
    ),
    "last_word:last_word_sent": (
        'Every sentence should end with the word "{last_word}", before its punctuation.',
        'The last word of each sentence must be "{last_word}".',
    ),
    "last_word:last_word_answer": (
        'The last word of your response should be "{last_word}".',
        'Finish with the word "{last_word}".',
    ),
    "detectable_format:bigram_wrapping": (
        "Wrap every two words in double angular brackets, such as <<I am>> <<at home>>.",
        "Put each pair of words between << and >>, as in <<we like>> <<long walks>>.",
    ),
    "punctuation:punctuation_dot": (
        "Do not use any dots, neither as punctuation nor otherwise.",
        "Your response must not contain a full stop.",
    ),
    "punctuation:punctuation_exclamation": (
        "Do not use exclamation marks.",
        "Your response must not contain an exclamation mark.",
    ),
    "count:lowercase_counting": (
        "At most {N} words may be written in lowercase letters only.",
        "Use no more than {N} words that are all in lowercase.",
    ),
    "letters:letter_counting": (
        "Use {relation} {N} letters in all.",
        "The number of letters in your response should be {relation} {N}.",
    ),
    "letters:letter_counting2": (
        'Make sure that the letter "{letter}" occurs {let_relation} {let_frequency} times, in either case.',
        'Your response should contain the letter "{letter}" {let_relation} {let_frequency} times.',
    ),
    "count:counting_composition": (
        "Write 3 paragraphs, separated by the markdown divider ***, each of exactly {n_sent} sentences with exactly "
        "{n_words} words each; punctuation marks count as words.",
        "Compose three paragraphs with *** between them. Each has {n_sent} sentences, and each sentence has {n_words} "
        "words, where a punctuation mark counts as a word.",
    ),
    "count:count_unique": (
        "Use no word and no punctuation mark more than once.",
        "Every word, and every punctuation mark, may occur only once in your response.",
    ),
    "count:count_increment_word": (
        'Use the word "{keyword1}" once and the word "{keyword2}" twice.',
        'The word "{keyword1}" should appear exactly once, and "{keyword2}" exactly two times.',
    ),
    "keywords:palindrome": (
        "Include a word that is a palindrome, without punctuation attached to it.",
        "Use at least one word that reads the same backwards.",
    ),
    "keywords:keyword_specific_position": (
        'In sentence {n}, word {m} should be "{keyword}".',
        'Make "{keyword}" word number {m} of sentence number {n}.',
    ),
    "keywords:start_end": (
        "Start and end with the same word, without punctuation after the last one.",
        "The first and the last word of your response should be the same, and nothing may follow the last.",
    ),
}


def said(instruction_id: str, kwargs: Mapping[str, Any], variant: int) -> str:
    """Return an instruction in words.

    Args:
        instruction_id: Its id.
        kwargs: Its arguments.
        variant: Which of its wordings, any integer.
    """
    wordings = _SAID[instruction_id]
    return wordings[variant % len(wordings)].format(
        **{name: _said(name, value) for name, value in kwargs.items()}
    )


def _said(name: str, value: Any) -> str:
    if name == "language":
        return LANGUAGE_NAMES[value]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(f'"{each}"' for each in value)
    return str(value)
