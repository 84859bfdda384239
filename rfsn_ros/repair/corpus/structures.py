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

class Tree:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right


class Link:
    def __init__(self, value, following=None):
        self.value = value
        self.following = following


def make_list(values):
    head = None
    for value in reversed(values):
        head = Link(value, head)
    return head


def read_list(head):
    values = []
    while head is not None:
        values.append(head.value)
        head = head.following
    return values


def insert_key(tree, value):
    if tree is None:
        return Tree(value)
    if value < tree.value:
        tree.left = insert_key(tree.left, value)
    elif value > tree.value:
        tree.right = insert_key(tree.right, value)
    return tree


def make_tree(values):
    root = None
    for value in values:
        root = insert_key(root, value)
    return root


def height(tree):
    if tree is None:
        return 0
    return 1 + max(height(tree.left), height(tree.right))


def tree_size(tree):
    if tree is None:
        return 0
    return tree_size(tree.left) + 1 + tree_size(tree.right)


def in_order(tree):
    if tree is not None:
        yield from in_order(tree.left)
        yield tree.value
        yield from in_order(tree.right)


def pre_order(tree):
    stack = [tree]
    while stack:
        node = stack.pop()
        if node is None:
            continue
        yield node.value
        stack.append(node.right)
        stack.append(node.left)


def levels(tree):
    result = []
    current = [tree] if tree else []
    while current:
        result.append([node.value for node in current])
        following = []
        for node in current:
            if node.left:
                following.append(node.left)
            if node.right:
                following.append(node.right)
        current = following
    return result


def contains_key(tree, value):
    while tree is not None:
        if value == tree.value:
            return True
        tree = tree.left if value < tree.value else tree.right
    return False


def is_search_tree(tree, low=float('-inf'), high=float('inf')):
    if tree is None:
        return True
    if not low < tree.value < high:
        return False
    return (is_search_tree(tree.left, low, tree.value)
            and is_search_tree(tree.right, tree.value, high))


def leaves(tree):
    if tree is None:
        return []
    if tree.left is None and tree.right is None:
        return [tree.value]
    return leaves(tree.left) + leaves(tree.right)


def has_path_sum(tree, total):
    if tree is None:
        return False
    if tree.left is None and tree.right is None:
        return tree.value == total
    rest = total - tree.value
    return has_path_sum(tree.left, rest) or has_path_sum(tree.right, rest)


def common_ancestor(tree, one, other):
    while tree:
        if one < tree.value and other < tree.value:
            tree = tree.left
        elif one > tree.value and other > tree.value:
            tree = tree.right
        else:
            return tree.value
    return None


def mirrored(one, other):
    if one is None or other is None:
        return one is other
    return (one.value == other.value and mirrored(one.left, other.right)
            and mirrored(one.right, other.left))


def kth_smallest(tree, k):
    stack = []
    while stack or tree:
        while tree:
            stack.append(tree)
            tree = tree.left
        tree = stack.pop()
        k -= 1
        if k == 0:
            return tree.value
        tree = tree.right
    return None


def right_view(tree):
    view = []
    level = [tree] if tree else []
    while level:
        view.append(level[-1].value)
        level = [child for node in level for child in (node.left, node.right) if child]
    return view


def list_length(head):
    length = 0
    while head:
        length += 1
        head = head.following
    return length


def from_end(head, n):
    fast = slow = head
    for _ in range(n):
        if fast is None:
            return None
        fast = fast.following
    while fast:
        fast = fast.following
        slow = slow.following
    return slow.value if slow else None


def remove_value(head, value):
    before = Link(None, head)
    node = before
    while node.following:
        if node.following.value == value:
            node.following = node.following.following
        else:
            node = node.following
    return before.following


def middle_value(head):
    slow = fast = head
    while fast and fast.following:
        slow = slow.following
        fast = fast.following.following
    return slow.value


def insert_sorted(head, value):
    if head is None or head.value >= value:
        return Link(value, head)
    node = head
    while node.following and node.following.value < value:
        node = node.following
    node.following = Link(value, node.following)
    return head


def swap_pairs(head):
    if head is None or head.following is None:
        return head
    second = head.following
    head.following = swap_pairs(second.following)
    second.following = head
    return second


def drop_repeats(head):
    node = head
    while node and node.following:
        if node.value == node.following.value:
            node.following = node.following.following
        else:
            node = node.following
    return head


def append_lists(one, other):
    if one is None:
        return other
    node = one
    while node.following is not None:
        node = node.following
    node.following = other
    return one


class MinStack:
    def __init__(self):
        self.items = []
        self.minima = []

    def push(self, item):
        self.items.append(item)
        if not self.minima or item <= self.minima[-1]:
            self.minima.append(item)

    def pop(self):
        item = self.items.pop()
        if item == self.minima[-1]:
            self.minima.pop()
        return item

    def smallest(self):
        return self.minima[-1] if self.minima else None


def use_min_stack(commands):
    stack = MinStack()
    seen = []
    for command in commands:
        if command == 'pop':
            stack.pop()
        else:
            stack.push(command)
        seen.append(stack.smallest())
    return seen


class Recent:
    def __init__(self, capacity):
        self.capacity = capacity
        self.values = {}

    def get(self, key):
        if key not in self.values:
            return None
        value = self.values.pop(key)
        self.values[key] = value
        return value

    def put(self, key, value):
        if key in self.values:
            del self.values[key]
        elif len(self.values) >= self.capacity:
            oldest = next(iter(self.values))
            del self.values[oldest]
        self.values[key] = value


def use_recent(capacity, commands):
    cache = Recent(capacity)
    results = []
    for command in commands:
        if len(command) == 1:
            results.append(cache.get(command[0]))
        else:
            cache.put(*command)
    return results


class Ring:
    def __init__(self, size):
        self.data = [None] * size
        self.start = 0
        self.count = 0

    def add(self, item):
        end = (self.start + self.count) % len(self.data)
        self.data[end] = item
        if self.count < len(self.data):
            self.count += 1
        else:
            self.start = (self.start + 1) % len(self.data)

    def to_list(self):
        return [self.data[(self.start + i) % len(self.data)] for i in range(self.count)]


def use_ring(size, items):
    ring = Ring(size)
    for item in items:
        ring.add(item)
    return ring.to_list()


class Prefixes:
    def __init__(self):
        self.root = {}

    def add(self, word):
        node = self.root
        for char in word:
            node = node.setdefault(char, {})
        node['end'] = True

    def count(self, prefix):
        node = self.root
        for char in prefix:
            if char not in node:
                return 0
            node = node[char]
        return self.total(node)

    def total(self, node):
        words = 0
        for key, below in node.items():
            if key == 'end':
                words += 1
            else:
                words += self.total(below)
        return words


def use_prefixes(words, prefix):
    index = Prefixes()
    for word in words:
        index.add(word)
    return index.count(prefix)


class Account:
    def __init__(self, balance=0):
        self.balance = balance
        self.history = []

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError('amount')
        self.balance += amount
        self.history.append(amount)

    def withdraw(self, amount):
        if amount > self.balance:
            return False
        self.balance -= amount
        self.history.append(-amount)
        return True


def use_account(start, changes):
    account = Account(start)
    for change in changes:
        if change > 0:
            account.deposit(change)
        else:
            account.withdraw(-change)
    return account.balance, account.history


class TwoStackQueue:
    def __init__(self):
        self.inbox = []
        self.outbox = []

    def push(self, item):
        self.inbox.append(item)

    def pop(self):
        if not self.outbox:
            while self.inbox:
                self.outbox.append(self.inbox.pop())
        return self.outbox.pop() if self.outbox else None


def use_queue(commands):
    queue = TwoStackQueue()
    results = []
    for command in commands:
        if command is None:
            results.append(queue.pop())
        else:
            queue.push(command)
    return results
