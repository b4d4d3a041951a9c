"""Answers that answer nothing, found before a judge is asked.

Language models that judge are known to pass texts such as ":" or "Let's solve this problem step by step." as right
answers, most of the time for some models. Such texts need no judge.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["says_nothing"]

_OPENERS = (
    # What begins an answer, and is none, in ten languages.
    "solution|the solution|answer|the answer|the answer is|my answer|final answer|the final answer|the final answer is|"
    "result|thought process|thoughts|thinking|reasoning|explanation|analysis|step 1|step one|first|okay|ok|sure|"
    "let's solve this problem step by step|lets solve this problem step by step|let us solve this problem step by step|"
    "let's think step by step|lets think step by step|let us think step by step|let me think|let me solve this|"
    "let's begin|let's see|to solve this problem|here is the solution|here's the solution|i will solve this step by step|"
    "solución|la solución|respuesta|la respuesta es|la respuesta|respuesta final|razonamiento|explicación|paso 1|"
    "resolvamos este problema paso a paso|vamos a resolver este problema paso a paso|pensemos paso a paso|"
    "la solution|réponse|la réponse|la réponse est|réponse finale|raisonnement|explication|étape 1|"
    "résolvons ce problème étape par étape|réfléchissons étape par étape|"
    "lösung|die lösung|antwort|die antwort|die antwort lautet|die antwort ist|endgültige antwort|gedankengang|"
    "erklärung|begründung|schritt 1|lösen wir dieses problem schritt für schritt|"
    "lass uns dieses problem schritt für schritt lösen|denken wir schritt für schritt|"
    "soluzione|risposta|la risposta è|risposta finale|ragionamento|spiegazione|passo 1|"
    "risolviamo questo problema passo dopo passo|pensiamo passo dopo passo|"
    "solução|resposta|a resposta é|resposta final|raciocínio|explicação|"
    "vamos resolver este problema passo a passo|pensemos passo a passo|"
    "решение|ответ|окончательный ответ|рассуждение|объяснение|шаг 1|давайте решим эту задачу шаг за шагом|"
    "давайте подумаем шаг за шагом|"
    "解|解答|答案|答案是|最终答案|思考过程|推理|解释|步骤1|让我们一步一步解决这个问题|让我们一步一步思考|"
    "かいせつ|解説|解答|答え|答えは|最終的な答え|思考過程|推論|説明|ステップ1|この問題を段階的に解決しましょう|"
    "ステップバイステップで考えましょう|"
    "풀이|정답|답|답은|최종 답|사고 과정|추론|설명|1단계|이 문제를 단계별로 풀어 봅시다|단계별로 생각해 봅시다"
)
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return " ".join(_EDGES.sub("", folded).split())


_NOTHING = frozenset(_plain(opener) for opener in _OPENERS.split("|"))
_LONGEST = max(map(len, _NOTHING)) + 200


def says_nothing(answer: str) -> bool:
    """Tell whether an answer is empty, has neither letter nor digit, or only announces an answer.

    Args:
        answer: The answer, extracted.

    Example:
        >>> says_nothing(" : "), says_nothing("**Thought process:**"), says_nothing("The answer is 4")
        (True, True, False)
    """
    if not any(char.isalnum() for char in answer):
        return True
    return len(answer) <= _LONGEST and _plain(answer) in _NOTHING
