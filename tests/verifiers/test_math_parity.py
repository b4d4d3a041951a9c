"""The pool against direct calls of math-verify in another process, one fresh interpreter for all."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys

import pytest

from llmgym.envs.math_with_judge.problems import DOMAINS, Draw
from llmgym.verifiers.math import boxed, verify_math

pytest.importorskip("math_verify")

DIRECT = r"""
import json, logging, sys
from math_verify import grader
from math_verify.metric import math_metric
from math_verify.parser import ExprExtractionConfig, LatexExtractionConfig
logging.disable(logging.CRITICAL)
metric = math_metric(
    gold_extraction_target=(LatexExtractionConfig(),),
    pred_extraction_target=(ExprExtractionConfig(), LatexExtractionConfig()),
)
results = []
for gold, text in json.load(sys.stdin):
    answer = None
    try:
        score, found = metric([gold], [text])
        if found is not None:
            golds, predictions = found
            for prediction in predictions:
                if any(grader.verify(gold, prediction) for gold in golds):
                    answer = prediction
                    break
            else:
                answer = predictions[0] if predictions else None
    except BaseException:
        score = 0.0
    results.append([float(score), answer])
json.dump(results, sys.stdout)
"""

GOLDS = r"""42|-7|0|1000|\frac{1}{2}|-\frac{3}{4}|0.5|3.14|\sqrt{2}|2\sqrt{3}|\pi|\frac{2\pi}{3}|x^2-1|2x+3|y = 2x+3|x = 5|\{1,2,3\}
1, 2|(1,2)|(3,-4)|[1,2)|(-\infty, 3]|x > 2|1 < x < 2|\ln 2|e^{2}|2^{100}|50\%|\text{even}|B|3+4i|10!|\binom{6}{2}|\infty|120^\circ
\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}|\frac{x+1}{x-1}|\sin(x)|\( \frac{7}{3} \)|$5$|1{,}024|no solution|\emptyset|f(x) = x^2"""
GOLDS = [gold for line in GOLDS.split("\n") for gold in line.split("|")]

FORMS = (
    "\\boxed{%s}",
    "The answer is $%s$.",
    "We find %s",
    "Final answer: \\( %s \\). I hope it is correct.",
    "\\[ x = \\boxed{ %s }. \\] This uses 3 steps and $7$ lemmas.",
)


def written_otherwise() -> list[tuple[str, str]]:
    return [(gold, form % gold.strip("$\\() ")) for gold in GOLDS for form in FORMS]


def crossed() -> list[tuple[str, str]]:
    return [(gold, f"\\boxed{{{GOLDS[(place * 7 + 3) % len(GOLDS)]}}}") for place, gold in enumerate(GOLDS)]


def generated() -> list[tuple[str, str]]:
    found = []
    for templates in DOMAINS.values():
        for place, template in enumerate(templates):
            problem = template(Draw(place), place % 3)
            number = re.search(r"\d+", problem.answer)
            wrong = (
                problem.answer[: number.start()] + str(int(number[0]) + 1) + problem.answer[number.end() :]
            )
            found += [(problem.answer, f"${problem.answer}$"), (problem.answer, f"\\boxed{{{wrong}}}")]
            found += [
                (problem.answer, problem.question),
                (problem.answer, f"\\boxed{{{problem.answer}}} or {wrong}"),
            ]
    return found


def test_the_pool_says_what_math_verify_says():
    items = [*written_otherwise(), *crossed(), *generated()]
    assert len(items) > 500
    golds = json.dumps([(boxed(gold), text) for gold, text in items])
    direct = subprocess.run(
        [sys.executable, "-c", DIRECT], input=golds.encode(), capture_output=True, check=True
    )

    async def main():
        return await asyncio.gather(*[verify_math(gold, text, timeout_seconds=60) for gold, text in items])

    pooled = asyncio.run(main())
    differing = [
        (item, expected, found)
        for item, expected, found in zip(items, json.loads(direct.stdout), pooled, strict=True)
        if expected != [found.score, found.extracted_answer]
    ]
    assert not differing, differing[:5]
    assert 200 < sum(result.score for result in pooled) < len(items) - 100
