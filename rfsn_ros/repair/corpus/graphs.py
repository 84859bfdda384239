# Copyright 2026 rfsn_ros maintainers
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

from collections import deque


def components(graph):
    seen = set()
    count = 0
    for start in graph:
        if start in seen:
            continue
        count += 1
        stack = [start]
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(graph[node])
    return count


def find_root(parents, node):
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


def has_cycle(size, edges):
    parents = list(range(size))
    for one, other in edges:
        first, second = find_root(parents, one), find_root(parents, other)
        if first == second:
            return True
        parents[first] = second
    return False


def is_bipartite(graph):
    colors = {}
    for start in graph:
        if start in colors:
            continue
        colors[start] = 0
        queue = deque([start])
        while queue:
            node = queue.popleft()
            for neighbor in graph[node]:
                if neighbor not in colors:
                    colors[neighbor] = 1 - colors[node]
                    queue.append(neighbor)
                elif colors[neighbor] == colors[node]:
                    return False
    return True


def count_islands(grid):
    seen = set()

    def visit(row, column):
        if row < 0 or row >= len(grid) or column < 0 or column >= len(grid[row]):
            return
        if grid[row][column] == 0 or (row, column) in seen:
            return
        seen.add((row, column))
        visit(row + 1, column)
        visit(row - 1, column)
        visit(row, column + 1)
        visit(row, column - 1)

    islands = 0
    for row in range(len(grid)):
        for column in range(len(grid[row])):
            if grid[row][column] == 1 and (row, column) not in seen:
                islands += 1
                visit(row, column)
    return islands


def flood_fill(image, row, column, color):
    old = image[row][column]
    if old == color:
        return image
    stack = [(row, column)]
    while stack:
        r, c = stack.pop()
        if 0 <= r < len(image) and 0 <= c < len(image[0]) and image[r][c] == old:
            image[r][c] = color
            stack.extend([(r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)])
    return image


def transpose_graph(graph):
    reverse = {node: [] for node in graph}
    for node in graph:
        for neighbor in graph[node]:
            reverse[neighbor].append(node)
    return reverse


def in_degrees(graph):
    degrees = {node: 0 for node in graph}
    for neighbors in graph.values():
        for neighbor in neighbors:
            degrees[neighbor] += 1
    return degrees


def maze_steps(maze, start, goal):
    queue = deque([(start, 0)])
    seen = {start}
    while queue:
        (row, column), steps = queue.popleft()
        if (row, column) == goal:
            return steps
        for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            r, c = row + dr, column + dc
            inside = 0 <= r < len(maze) and 0 <= c < len(maze[0])
            if inside and maze[r][c] == '.' and (r, c) not in seen:
                seen.add((r, c))
                queue.append(((r, c), steps + 1))
    return -1


def knight_moves(size, start, goal):
    frontier = {start}
    seen = {start}
    moves = 0
    while frontier:
        if goal in frontier:
            return moves
        following = set()
        for x, y in frontier:
            for dx, dy in ((1, 2), (2, 1), (-1, 2), (-2, 1), (1, -2), (2, -1), (-1, -2), (-2, -1)):
                place = (x + dx, y + dy)
                if 0 <= place[0] < size and 0 <= place[1] < size and place not in seen:
                    seen.add(place)
                    following.add(place)
        frontier = following
        moves += 1
    return None


def closure(graph):
    reach = {node: set(neighbors) for node, neighbors in graph.items()}
    for middle in graph:
        for node in graph:
            if middle in reach[node]:
                reach[node] |= reach[middle]
    return {node: sorted(found) for node, found in reach.items()}


def has_euler_circuit(graph):
    return all(len(neighbors) % 2 == 0 for neighbors in graph.values())


def greedy_coloring(graph):
    colors = {}
    for node in sorted(graph):
        taken = {colors[other] for other in graph[node] if other in colors}
        color = 0
        while color in taken:
            color += 1
        colors[node] = color
    return colors


def town_judge(size, trusts):
    score = [0] * (size + 1)
    for one, other in trusts:
        score[one] -= 1
        score[other] += 1
    for person in range(1, size + 1):
        if score[person] == size - 1:
            return person
    return -1


def word_ladder(begin, end, words):
    words = set(words)
    if end not in words:
        return 0
    level = [begin]
    length = 1
    while level:
        following = []
        for word in level:
            if word == end:
                return length
            for other in sorted(words):
                if sum(a != b for a, b in zip(word, other)) == 1:
                    words.remove(other)
                    following.append(other)
        level = following
        length += 1
    return 0


def all_paths(graph, node, goal):
    if node == goal:
        return [[node]]
    paths = []
    for neighbor in graph.get(node, []):
        for path in all_paths(graph, neighbor, goal):
            paths.append([node] + path)
    return paths


def is_dag(graph):
    done, active = set(), set()

    def visit(node):
        if node in active:
            return False
        if node in done:
            return True
        active.add(node)
        for neighbor in graph[node]:
            if not visit(neighbor):
                return False
        active.remove(node)
        done.add(node)
        return True

    return all(visit(node) for node in graph)


def ancestors_of(parents, node):
    found = []
    while parents.get(node) is not None:
        node = parents[node]
        found.append(node)
    return found


def reachable_within(graph, start, limit):
    distance = {start: 0}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        if distance[node] == limit:
            continue
        for neighbor in graph[node]:
            if neighbor not in distance:
                distance[neighbor] = distance[node] + 1
                queue.append(neighbor)
    return sorted(distance)


def rotting_minutes(grid):
    fresh = set()
    rotten = []
    for i, row in enumerate(grid):
        for j, cell in enumerate(row):
            if cell == 1:
                fresh.add((i, j))
            elif cell == 2:
                rotten.append((i, j))
    minutes = 0
    while fresh and rotten:
        following = []
        for i, j in rotten:
            for place in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
                if place in fresh:
                    fresh.remove(place)
                    following.append(place)
        rotten = following
        minutes += 1
    return minutes if not fresh else -1


def tree_diameter(edges):
    neighbors = {}
    for one, other in edges:
        neighbors.setdefault(one, []).append(other)
        neighbors.setdefault(other, []).append(one)
    best = 0

    def depth(node, parent):
        nonlocal best
        first = second = 0
        for other in neighbors[node]:
            if other == parent:
                continue
            length = 1 + depth(other, node)
            if length > first:
                first, second = length, first
            elif length > second:
                second = length
        best = max(best, first + second)
        return first

    if edges:
        depth(edges[0][0], None)
    return best


def life_step(cells):
    counts = {}
    for x, y in cells:
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                if dx or dy:
                    place = (x + dx, y + dy)
                    counts[place] = counts.get(place, 0) + 1
    return sorted(place for place, count in counts.items()
                  if count == 3 or (count == 2 and place in cells))


def transpose(matrix):
    return [[row[i] for row in matrix] for i in range(len(matrix[0]))]


def rotate_matrix(matrix):
    size = len(matrix)
    rotated = [[0] * size for _ in range(size)]
    for i in range(size):
        for j in range(size):
            rotated[j][size - 1 - i] = matrix[i][j]
    return rotated


def spiral(matrix):
    result = []
    while matrix:
        result.extend(matrix[0])
        matrix = [list(row) for row in zip(*matrix[1:])][::-1]
    return result


def multiply(a, b):
    result = [[0] * len(b[0]) for _ in a]
    for i in range(len(a)):
        for j in range(len(b[0])):
            for k in range(len(b)):
                result[i][j] += a[i][k] * b[k][j]
    return result


def determinant(matrix):
    if len(matrix) == 1:
        return matrix[0][0]
    total = 0
    for column in range(len(matrix)):
        minor = [row[:column] + row[column + 1:] for row in matrix[1:]]
        total += (-1) ** column * matrix[0][column] * determinant(minor)
    return total


def diagonal_sums(matrix):
    size = len(matrix)
    main = sum(matrix[i][i] for i in range(size))
    other = sum(matrix[i][size - 1 - i] for i in range(size))
    return main, other


def search_sorted_matrix(matrix, target):
    row, column = 0, len(matrix[0]) - 1
    while row < len(matrix) and column >= 0:
        if matrix[row][column] == target:
            return row, column
        if matrix[row][column] > target:
            column -= 1
        else:
            row += 1
    return None


def valid_sudoku_rows(board):
    for row in board:
        seen = set()
        for cell in row:
            if cell == 0:
                continue
            if cell in seen:
                return False
            seen.add(cell)
    return True


def winner(board):
    lines = [list(row) for row in board] + [list(column) for column in zip(*board)]
    lines.append([board[i][i] for i in range(3)])
    lines.append([board[i][2 - i] for i in range(3)])
    for line in lines:
        if line[0] != ' ' and line.count(line[0]) == 3:
            return line[0]
    return None
