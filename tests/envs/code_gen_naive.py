"""Straightforward solutions of the generated problems, written from their statements: slow, and independent."""

from __future__ import annotations

import itertools
import math


def records(a, gap):
    return sum(all(a[i] >= x + gap for x in a[:i]) for i in range(len(a)))


def most_frequent(a, m, largest):
    rests = [x % m for x in a]
    best = max(sum(1 for y in rests if y == x) for x in rests)
    fitting = [x for x in rests if sum(1 for y in rests if y == x) == best]
    return max(fitting) if largest else min(fitting)


def pair_sums(a, m, r):
    return sum((a[i] + a[j]) % m == r for i in range(len(a)) for j in range(i + 1, len(a)))


def longest_stretch(a, step):
    best = 1
    for i in range(len(a)):
        j = i
        while j + 1 < len(a) and abs(a[j + 1] - a[j]) <= step:
            j += 1
        best = max(best, j - i + 1)
    return best


def range_sums(a, queries, p, q, m):
    total = 0
    for left, right in queries:
        total += sum(p * a[i - 1] + q * i * i for i in range(left, right + 1)) % m
    return total


def multiples_below(n, p, q, exactly_one):
    total = 0
    for x in range(1, n + 1):
        by = (x % p == 0) + (x % q == 0)
        total += x if by == 1 or (by == 2 and not exactly_one) else 0
    return total


def shifted_words(words, ordered, size):
    def forms(word):
        for k in range(size):
            shifted = [(ord(letter) - 97 + k) % size for letter in word]
            yield shifted if ordered else sorted(shifted)

    def own(word):
        codes = [ord(letter) - 97 for letter in word]
        return codes if ordered else sorted(codes)

    heads = []
    for word in words:
        if not any(own(head) in list(forms(word)) for head in heads):
            heads.append(word)
    return len(heads)


def repeated_walk(program, k, m, jump):
    place = 0
    for _ in range(k):
        for letter in program:
            place = (place + {"F": 1, "B": -1, "J": jump}[letter]) % m
    return place


def lamps(n, first, every):
    on = [False] * (n + 1)
    for i in range(1, n + 1):
        for j in range(i, n + 1, i):
            on[j] = not on[j]
    return sum(on[x] and x > first and x % every != 0 for x in range(1, n + 1))


def divisible_stretches(a, m, r, weight):
    count = 0
    for i in range(len(a)):
        total = 0
        for j in range(i, len(a)):
            total += a[j]
            count += (weight * total + j - i + 1) % m == r
    return count


def steady_window(a, spread, fewest):
    best = 0
    for i in range(len(a)):
        low = high = a[i]
        for j in range(i, len(a)):
            low, high = min(low, a[j]), max(high, a[j])
            if high - low > spread:
                break
            best = max(best, j - i + 1)
    return best if best >= fewest else 0


def smallest_lorry(weights, t, extra, rest):
    capacity = 0
    while True:
        capacity += 1
        position = 0
        for trip in range(1, min(t, 10 * len(weights) * rest) + 1):
            room = capacity // 2 if trip % rest == 0 else capacity
            while position < len(weights) and weights[position] + extra <= room:
                room -= weights[position] + extra
                position += 1
        if position == len(weights):
            return capacity


def longest_climb(a, gap, turn):
    best = [1] * len(a)
    for j in range(len(a)):
        for i in range(j):
            rise = a[i] - a[j] if turn else a[j] - a[i]
            if rise >= gap:
                best[j] = max(best[j], best[i] + 1)
    return max(best)


def change_ways(n, coins, p, most):
    def ways(left, usable):
        if not usable:
            return int(left <= most)
        return sum(ways(left - k * usable[0], usable[1:]) for k in range(left // usable[0] + 1))

    return ways(n, coins) % p


def covered_length(lamps, before, after):
    lit = set()
    for left, right in lamps:
        lit |= set(range(left - before, right + after + 1))
    return len(lit)


def next_taller(a, least, m):
    total = 0
    for i in range(len(a)):
        for j in range(i + 1, len(a)):
            if a[j] > a[i]:
                total += (j - i) * a[i] + least
                break
        else:
            total -= least
    return total % m


def piles(piles, k, loses):
    sizes = [size + loses for size in piles]
    grundy = [0]
    for size in range(1, max(sizes) + 1):
        reachable = {grundy[size - take] for take in range(1, min(k, size) + 1)}
        grundy.append(next(g for g in itertools.count() if g not in reachable))
    count = 0
    for position, size in enumerate(sizes):
        for take in range(1, min(k, size) + 1):
            total = grundy[size - take]
            for other, also in enumerate(sizes):
                total ^= grundy[also] if other != position else 0
            count += total == 0
    return count


def maze(rows, wall, toll):
    height, width = len(rows), len(rows[0])
    best = [math.inf]

    def go(i, j, cost, seen):
        if cost >= best[0]:
            return
        if (i, j) == (height - 1, width - 1):
            best[0] = cost
            return
        for y, x in ((i - 1, j), (i, j - 1), (i + 1, j), (i, j + 1)):
            if 0 <= y < height and 0 <= x < width and rows[y][x] != wall and (y, x) not in seen:
                go(y, x, cost + (toll if rows[y][x] == "~" else 1), seen | {(y, x)})

    go(0, 0, 0, {(0, 0)})
    return -1 if best[0] == math.inf else best[0]


def recurrence(l, r, a, b, c, first, p):  # noqa: E741
    x, y, z, total = first, 1, 2, 0
    for n in range(r + 1):
        total += x if n >= l else 0
        x, y, z = y, z, (a * z + b * y + c * x) % p
    return total % p


def near_half(a, share, margin):
    goal, count = sum(a) // share, 0
    for chosen in range(2 ** len(a)):
        total = sum(x for place, x in enumerate(a) if chosen >> place & 1)
        count += abs(total - goal) <= margin
    return count


def digit_count(n, m, r, gap):
    count = 0
    for x in range(1, n + 1):
        digits = [int(letter) for letter in str(x)]
        count += sum(digits) % m == r and all(abs(s - t) >= gap for s, t in itertools.pairwise(digits))
    return count


def removals(n, roads, p, weight):
    total = 0
    for k in range(1, len(roads) + 1):
        left, seen, sizes = roads[k - 1 :], set(), []
        neighbours = {town: [] for town in range(n)}
        for x, y in left:
            neighbours[x].append(y)
            neighbours[y].append(x)
        for town in range(n):
            if town not in seen:
                group, todo = {town}, [town]
                while todo:
                    for other in neighbours[todo.pop()]:
                        if other not in group:
                            group.add(other)
                            todo.append(other)
                seen |= group
                sizes.append(len(group))
        total += k * (max(sizes) + weight * len(sizes))
    return total % p


def mirrored(s, shortest, odd):
    count = 0
    for i in range(len(s)):
        for j in range(i + shortest, len(s) + 1):
            if not odd or (j - i) % 2 == (odd == "odd"):
                count += s[i:j] == s[i:j][::-1]
    return count


def hoarding(a, p, q):
    best = 0
    for i in range(len(a)):
        low = a[i]
        for j in range(i, len(a)):
            low = min(low, a[j])
            best = max(best, (j - i + 1) * (p * low - q))
    return best


def common_part(s, t, vowel, other):
    if not s or not t:
        return 0
    best = max(common_part(s[1:], t, vowel, other), common_part(s, t[1:], vowel, other))
    if s[0] == t[0]:
        worth = vowel if s[0] in "aeiou" else other
        best = max(best, worth + common_part(s[1:], t[1:], vowel, other))
    return best


def last_chair(n, k, shift):
    children = [(shift + i) % n for i in range(n)]
    while len(children) > 1:
        for _ in range(k - 1):
            children.append(children.pop(0))
        children.pop(0)
    return children[0]


def quotient_sum(n, p, power, first):
    return sum(i ** (power - 1) * (n // i) for i in range(first, n + 1)) % p


def coprime_count(n, m, extra, share):
    return sum(math.gcd(x, m) == 1 and math.gcd(x, extra) == 1 for x in range(n // share + 1, n + 1))
