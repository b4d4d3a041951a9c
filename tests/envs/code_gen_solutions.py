"""Right programs for the public rows, in their order, and a wrong one for each."""

from __future__ import annotations

RIGHT = [
    """
def main():
    for _ in range(int(input())):
        words = [input() for _ in range(int(input()))]
        known = set(words)
        groups = {"01": [], "10": [], "00": [], "11": []}
        for number, word in enumerate(words, 1):
            groups[word[0] + word[-1]].append(number)
        if groups["00"] and groups["11"] and not groups["01"] and not groups["10"]:
            print(-1)
            continue
        more, fewer = sorted((groups["10"], groups["01"]), key=len, reverse=True)
        count = (len(more) - len(fewer)) // 2
        turned = [number for number in more if words[number - 1][::-1] not in known][:count]
        print(count)
        print(*turned)

if __name__ == "__main__":
    main()
""",
    """
import sys
input = sys.stdin.readline
for _ in range(int(input())):
    n, m, k = map(int, input().split())
    far = max(n, m)
    if far > k:
        print(-1)
    elif (n + m) % 2:
        print(k - 1)
    else:
        print(k - 2 * ((k - far) % 2))
""",
    """
for _ in range(int(input())):
    n = int(input())
    choices = list(zip(*[map(int, input().split()) for _ in range(3)]))
    p = []
    for i, options in enumerate(choices):
        banned = {p[-1]} if p else set()
        if i == n - 1:
            banned.add(p[0])
        p.append(next(x for x in options if x not in banned))
    print(*p)
""",
    """
data = list(map(int, sys.stdin.read().split()))
place = 1
for _ in range(data[0]):
    n, k = data[place], data[place + 1]
    a = sorted(data[place + 2 : place + 2 + n], reverse=True)
    place += 2 + n
    print(sum(a[: k + 1]))
""",
    """
def solve():
    n = int(input())
    where = {x: i for i, x in enumerate(map(int, input().split()))}
    left, right, marks = n, -1, []
    for m in range(1, n + 1):
        left, right = min(left, where[m]), max(right, where[m])
        marks.append("1" if right - left + 1 == m else "0")
    return "".join(marks)

print("\\n".join(solve() for _ in range(int(input()))))
""",
]

WRONG = [
    RIGHT[0].replace("// 2", "// 3"),
    RIGHT[1].replace("k - 1", "k"),
    RIGHT[2].replace("banned.add(p[0])", "pass"),
    RIGHT[3].replace("k + 1", "k"),
    RIGHT[4].replace("== m", ">= m"),
]
