#!/usr/bin/env python3
"""Asking a model about those it does not know, what is alike, and why: test_asking.py DESCENT"""
import csv
import io
import json

import tool


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


class Asking(tool.ToolTest):
    """Two models of the same ratings: by minibatches, and model.st, the default form, small. Even users
    like even items."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        done = cls.run_tool("train", "ratings.csv", "-o", "model.st", "--factors", "4", "--ridge", "1",
                            "--ridge-user-history", "2", "--ridge-item-history", "2")
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        likes_even = "".join(f"new,i{item},{5 if item % 2 == 0 else 1}\n" for item in range(8))
        (cls.path / "new.csv").write_text("user,item,rating\n" + likes_even)

    def ratings_of(self, user):
        lines = (self.path / "ratings.csv").read_text().split()[1:]
        return {line.split(",")[1]: float(line.split(",")[2]) for line in lines
                if line.startswith(user + ",")}


class Recommending(Asking):
    def test_someone_new(self):
        for model in ("model.st", "model.safetensors"):
            table = rows(self.good("recommend", model, "--ratings", "new.csv", "-n", "99", "--csv"))
            self.assertEqual({row["user"] for row in table}, {"new"})
            self.assertEqual({row["item"] for row in table}, {f"i{item}" for item in range(8, 30)})
        table = rows(self.good("recommend", "model.st", "--ratings", "new.csv", "--csv"))
        self.assertTrue(all(int(row["item"][1:]) % 2 == 0 for row in table), table)

    def test_several_users_and_one_of_them(self):
        self.write("two.csv", "a,i1,5\nb,i2,5\nb,i3,1\n")
        answers = json.loads(self.good("recommend", "model.st", "-r", "two.csv", "--json", "-n", "3"))
        self.assertEqual([(one["user"], one["known"]) for one in answers], [("a", True), ("b", True)])
        one = json.loads(self.good("recommend", "model.st", "-r", "two.csv", "--json", "-n", "3",
                                   "--user", "b"))
        self.assertEqual(one, answers[1])
        text = self.good("recommend", "model.st", "-r", "two.csv", "-n", "3")
        self.assertEqual([line for line in text.split("\n") if line.startswith("user ")],
                         ["user a", "user b"])
        self.assertEqual(self.good("recommend", "model.st", "-r", "-", "-n", "3", "--csv",
                                   stdin="b,i2,5\nb,i3,1\n"),
                         self.good("recommend", "model.st", "-r", "two.csv", "-n", "3", "-u", "b",
                                   "--csv"))

    def test_threads_change_no_byte(self):
        self.write("test.csv", "".join(f"u{user},i{user % 7},{1 + user % 5}\n" for user in range(30)))
        for asked in (["recommend", "model.st", "--all", "--csv", "-n", "7"],
                      ["recommend", "model.safetensors", "--all", "--json"],
                      ["recommend", "model.st", "--all"],
                      ["evaluate", "model.st", "test.csv", "--ranking", "--json", "--relevant", "2"]):
            plain = self.good(*asked)
            self.assertGreater(len(plain), 500)
            for threads in ("1", "2", "3", "8"):
                self.assertEqual(self.good(*asked, "--threads", threads), plain)

    def test_what_was_rated_in_training_counts_too(self):
        self.write("more.csv", "u4,i1,1\nu4,i3,1\nu4,i5,1\n")
        done = self.run_tool("recommend", "model.st", "-r", "more.csv", "-n", "99", "--csv", "--quiet")
        self.assertEqual(done.returncode, 0)
        self.assertIn("more.csv: the model knows 1 of 1 user; what they rated in training", done.stderr)
        seen = self.ratings_of("u4").keys() | {"i1", "i3", "i5"}
        self.assertEqual(len(rows(done.stdout)), 30 - len(seen))
        self.assertFalse({row["item"] for row in rows(done.stdout)} & seen)

    def test_what_does_not_fit_is_said(self):
        self.write("odd.csv", "a,x1,5\na,i2,50\nb,x1,3\n")
        done = self.run_tool("recommend", "model.st", "-r", "odd.csv", "-n", "1")
        self.assertEqual(done.returncode, 0)
        self.assertIn("2 of 3 ratings are of items that the model does not know", done.stderr)
        self.assertIn("1 of 3 ratings is beyond the scale of the model, 1 to 5", done.stderr)
        self.assertIn("user b: popular and well rated items", done.stdout)
        self.bad(3, "recommend", "model.st", "-r", self.write("bad.csv", "a,i1,5\na,i2,high\n"))
        self.bad(5, "recommend", "model.st", "-r", "missing.csv")
        self.assertIn("who: the model does not know this user",
                      self.run_tool("recommend", "model.st", "-r", "odd.csv", "-u", "who").stderr)


class Predicting(Asking):
    def test_new_users_and_items(self):
        fans = "".join(f"u{user},x1,{5 if user % 2 == 0 else 1}\n" for user in range(20))
        self.write("news.csv", (self.path / "new.csv").read_text() + fans)
        self.write("pairs.csv", "new,i20\nnew,i21\nu22,x1\nu23,x1\nnew,x1\nu1,i1\nwho,i1\n")
        done = self.run_tool("predict", "model.st", "pairs.csv", "--ratings", "news.csv", "--csv", "-q")
        table = rows(done.stdout)
        self.assertEqual([row["basis"] for row in table],
                         ["fold-in"] * 5 + ["fold-in", "item bias"])
        like, dislike, even, odd, both = (float(row["rating"]) for row in table[:5])
        self.assertGreater(like, dislike + 1)
        self.assertGreater(even, odd + 1)
        self.assertGreater(both, 3.5)
        self.assertIn("of 1 of 7 pairs", done.stderr)
        plain = rows(self.good("predict", "model.st", "pairs.csv", "--csv"))
        self.assertEqual([row["basis"] for row in plain],
                         ["item bias", "item bias", "user bias", "user bias", "mean", "model",
                          "item bias"])

    def test_pairs_of_a_long_file_are_predicted_as_one_by_one(self):
        # 17,500 pairs are more than a block and than many tiles; ids of all lengths, of which the model knows a part.
        pairs = [(f"u{n % 41}", f"i{n * 7 % 31}" if n % 9 else "unknown " * (1 + n % 50))
                 for n in range(17500)]
        self.write("long.csv", "".join(f"{user},{item}\n" for user, item in pairs))
        found = rows(self.good("predict", "model.st", "long.csv", "--csv", "-q"))
        self.assertEqual([(row["user"], row["item"]) for row in found],
                         [(user, item.strip()) for user, item in pairs])
        for n in (0, 1, 9, 31, 32, 1022, 1023, 1024, 1025, 2047, 2048, 16383, 16384, 17408, 17499):
            one = rows(self.good("predict", "model.st", "--user", pairs[n][0], "--item",
                                 pairs[n][1].strip(), "--csv", "-q"))
            self.assertEqual(found[n], one[0])

    def test_guests_of_a_long_file_are_those_one_by_one_by_any_number_of_threads(self):
        # More newcomers than are folded in at once, in two blocks of pairs, most of them in both; every 50th pair is
        # of a user of the model, and x0 .. x9 are new items, which half of those rated.
        given = [(f"g{n % 1100}", f"i{n * 7 % 30}", 1 + n * n % 5) for n in range(4400)]
        given += [(f"u{n % 20}", f"x{n % 10}", 1 + n % 5) for n in range(20)]
        pairs = [(f"g{n * 11 % 1100}" if n % 50 else f"u{n % 40}", f"i{n % 30}" if n % 4 else f"x{n % 10}")
                 for n in range(17000)]
        self.write("crowd.csv", "".join(f"{user},{item},{rating}\n" for user, item, rating in given))
        self.write("asked.csv", "".join(f"{user},{item}\n" for user, item in pairs))
        for model in ("model.st", "model.safetensors"):
            words = ("predict", model, "asked.csv", "--ratings", "crowd.csv", "--csv", "-q")
            done = [self.run_tool(*words, "--threads", threads) for threads in ("1", "2", "3", "8")]
            self.assertEqual([one.returncode for one in done], [0] * 4)
            self.assertEqual([one.stdout for one in done], [done[0].stdout] * 4)
            found = rows(done[0].stdout)
            self.assertEqual([(row["user"], row["item"]) for row in found], pairs)
            self.assertEqual({row["basis"] for row in found}, {"fold-in", "model"})
            for n in (0, 1, 4, 1022, 1024, 16383, 16384, 16999):
                one = self.run_tool("predict", model, "--ratings", "crowd.csv", "--user", pairs[n][0], "--item",
                                    pairs[n][1], "--csv", "-q")
                self.assertEqual(found[n], rows(one.stdout)[0])

    def test_threads_are_for_newcomers(self):
        said = self.bad(2, "predict", "model.st", "ratings.csv", "--threads", "2")
        self.assertIn("--threads: is for --ratings", said)

    def test_pairs_before_a_fault_are_predicted(self):
        self.write("faulty.csv", "u1,i1\n" * 1500 + "u1\n" + "u1,i2\n")
        done = self.run_tool("predict", "model.st", "faulty.csv", "--csv", "-q")
        self.assertEqual(len(rows(done.stdout)), 1500)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("faulty.csv:1501", done.stderr)

    def test_recommended_ratings_are_those_of_predict(self):
        best = rows(self.good("recommend", "model.st", "-r", "new.csv", "-n", "1", "--csv"))[0]
        one = rows(self.good("predict", "model.st", "-r", "new.csv", "-u", "new", "-i", best["item"],
                             "--csv"))[0]
        self.assertEqual(one["rating"], best["rating"])


class Similar(Asking):
    def test_items_and_users(self):
        for kind, own, count in (("item", "i4", 30), ("user", "u4", 40)):
            table = rows(self.good("similar", "model.st", "--" + kind, own, "-n", "99", "--csv"))
            self.assertEqual(len(table), count - 1)
            self.assertNotIn(own, [row[kind] for row in table])
            values = [float(row["similarity"]) for row in table]
            self.assertEqual(values, sorted(values, reverse=True))
            self.assertTrue(all(int(row[kind][1:]) % 2 == 0 for row in table[:10]), table)
            document = json.loads(self.good("similar", "model.st", "--" + kind, own, "-n", "2", "--json"))
            self.assertEqual([one[kind] for one in document["similar"]], [row[kind] for row in table[:2]])
            self.assertEqual(document[kind], own)

    def test_titles_and_few_ratings(self):
        self.write("titles.csv", "".join(f"i{i},No. {i}\n" for i in range(30)))
        text = self.good("similar", "model.st", "-i", "i4", "--items", "titles.csv")
        self.assertEqual(len(text.strip().split("\n")), 11)
        self.assertIn("  No. ", text)
        table = rows(self.good("similar", "model.st", "-i", "i4", "-n", "99", "--min-ratings", "20",
                               "--csv"))
        self.assertTrue(0 < len(table) < 29)
        self.assertTrue(all(int(row["n_ratings"]) >= 20 for row in table))

    def test_of_who_came_after_training(self):
        self.write("later.csv", "".join(f"later,i{i},{5 if i % 2 == 0 else 1}\nu{i},thing,"
                                        f"{5 if i % 2 else 1}\n" for i in range(20)))
        for kind, own, count, rest in (("user", "later", 40, 0), ("item", "thing", 30, 1)):
            table = rows(self.good("similar", "model.st", "--" + kind, own, "-n", "99", "--csv", "-q",
                                   "--ratings", "later.csv"))
            self.assertEqual(len(table), count)
            self.assertTrue(all(int(row[kind][1:]) % 2 == rest for row in table[:8]), table)
        self.assertEqual(self.good("similar", "model.st", "-i", "i4", "--ratings", "later.csv", "-q"),
                         self.good("similar", "model.st", "-i", "i4"))
        self.assertIn("x: the model does not know this user",
                      self.bad(1, "similar", "model.st", "-u", "x", "--ratings", "later.csv", "-q"))

    def test_unknown_ones_are_errors(self):
        self.assertIn("x: the model does not know this item", self.bad(1, "similar", "model.st", "-i", "x"))
        self.assertIn("x: the model does not know this user", self.bad(1, "similar", "model.st", "-u", "x"))


class Explaining(Asking):
    def test_parts_sum_to_the_prediction(self):
        for model in ("model.st", "model.safetensors"):
            for item in ("i1", "i2", "i29"):
                words = ("explain", model, "-u", "u4", "-i", item)
                document = json.loads(self.good(*words, "--json"))
                total = sum(document["parts"].values()) + sum(one["effect"] for one in document["ratings"])
                self.assertAlmostEqual(total, document["prediction"], delta=1e-4)
                self.assertAlmostEqual(total + document["gap"], document["prediction"], delta=1e-6)
                table = rows(self.good(*words, "--csv"))
                self.assertAlmostEqual(sum(float(row["effect"]) for row in table), document["prediction"],
                                       delta=1e-4)
                said = rows(self.good("predict", model, "-u", "u4", "-i", item, "--csv"))[0]
                self.assertAlmostEqual(float(said["rating"]), document["rating"], delta=1e-5)

    def test_every_rating_of_the_user_is_there(self):
        document = json.loads(self.good("explain", "model.st", "-u", "u4", "-i", "i2", "--json"))
        self.assertEqual({one["item"]: one["rating"] for one in document["ratings"]}, self.ratings_of("u4"))
        effects = [abs(one["effect"]) for one in document["ratings"]]
        self.assertEqual(effects, sorted(effects, reverse=True))

    def test_table(self):
        self.write("titles.csv", "".join(f"i{i},No. {i}\n" for i in range(30)))
        text = self.good("explain", "model.st", "-u", "u4", "-i", "i2", "-n", "3", "-t", "titles.csv")
        n_more = len(self.ratings_of("u4")) - 3
        for words in ("user u4, item i2, No. 2: predicted rating ", "the mean of all ratings",
                      "how it was rated", f"\nand {n_more} more, together "):
            self.assertIn(words, text)

    def test_someone_new(self):
        document = json.loads(self.good("explain", "model.st", "-r", "new.csv", "-u", "new", "-i", "i20",
                                        "--json"))
        effect = {one["item"]: one["value"] for one in document["ratings"]}
        self.assertEqual(len(effect), 8)
        total = sum(document["parts"].values()) + sum(one["effect"] for one in document["ratings"])
        self.assertAlmostEqual(total, document["prediction"], delta=1e-4)
        self.assertGreater(sum(effect.values()), 0.1)

    def test_what_cannot_be_explained(self):
        self.assertIn("x: the model does not know this user",
                      self.bad(1, "explain", "model.st", "-u", "x", "-i", "i1"))
        self.assertIn("x: the model does not know this item",
                      self.bad(1, "explain", "model.st", "-u", "u1", "-i", "x"))
        done = self.run_tool("explain", "model.safetensors", "-u", "u4", "-i", "i2")
        self.assertEqual(done.returncode, 0)
        self.assertIn("the effect of single ratings", done.stderr)


if __name__ == "__main__":
    tool.main()
