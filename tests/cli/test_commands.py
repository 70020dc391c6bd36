#!/usr/bin/env python3
"""Every command that takes a model, from end to end on a tiny ratings file, with its three forms of output."""
import csv
import io
import json
import math

import tool


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


class Evaluate(tool.ToolTest):
    def test_json_and_csv_agree(self):
        self.write("test.csv", "u1,i1,3\nu2,i2,5\nstranger,i1,4\nu1,novelty,1\n")
        result = json.loads(self.good("evaluate", "model.safetensors", "test.csv", "--json"))
        self.assertEqual((result["pairs"], result["unknown_users"], result["unknown_items"],
                          result["fallback_pairs"]), (4, 1, 1, 2))
        table = rows(self.good("evaluate", "model.safetensors", "test.csv", "--csv"))
        self.assertEqual([row["predictor"] for row in table], ["model", "dot", "biases", "mean"])
        for row in table:
            for name in ("rmse", "mae"):
                self.assertEqual(float(row[name]), result[row["predictor"]][name])
            self.assertEqual(row["fallback_pairs"], "2")

    def test_errors_are_those_of_the_predictions(self):
        self.write("test.csv", "u1,i1,3\nu2,i2,5\nstranger,i1,4\nu1,novelty,1\n")
        result = json.loads(self.good("evaluate", "model.safetensors", "test.csv", "--json"))
        predicted = rows(self.good("predict", "model.safetensors", "test.csv", "--csv"))
        errors = [float(row["rating"]) - known for row, known in zip(predicted, (3, 5, 4, 1))]
        rmse = math.sqrt(sum(error * error for error in errors) / 4)
        self.assertAlmostEqual(result["model"]["rmse"], rmse, places=6)
        self.assertAlmostEqual(result["model"]["mae"], sum(map(abs, errors)) / 4, places=6)

    def test_table_and_warning(self):
        done = self.run_tool("evaluate", "model.safetensors", "ratings.csv", "-q")
        self.assertRegex(done.stdout, r"(?m)^predictor +RMSE +MAE ")
        self.assertIn("the model was trained on", done.stderr)
        done = self.run_tool("evaluate", "model.safetensors", "-", "-q",
                             stdin=(self.path / "ratings.csv").read_text())
        self.assertIn("standard input: the model was trained on", done.stderr)


class Predict(tool.ToolTest):
    def predict(self, text, *options):
        return rows(self.good("predict", "model.safetensors", "--csv", *options, stdin=text))

    def test_basis_and_order(self):
        answers = self.predict("u1,i1\nx,i1\nu1,x\nx,y\n")
        self.assertEqual([row["basis"] for row in answers],
                         ["model", "item bias", "user bias", "mean"])
        self.assertEqual([row["user"] for row in answers], ["u1", "x", "u1", "x"])
        for row in answers:
            self.assertTrue(1 <= float(row["rating"]) <= 5)

    def test_forms_of_input(self):
        expected = self.predict("u1,i1\nu2,i2\n")
        for text in ("u1\ti1\nu2\ti2\n", "u1::i1\nu2::i2", "u1 i1\r\nu2 i2\r\n",
                     "\ufeffuser,item\nu1,i1\n\nu2,i2\n", '"u1","i1"\n"u2","i2"\n',
                     "u1,i1,3,9\nu2,i2,4,9\n", "rating,movieId,userId\n4,i1,u1\n4,i2,u2\n"):
            self.assertEqual(self.predict(text), expected, repr(text))
        self.assertEqual(self.predict("user,item\nu1,i1\n", "--header", "no")[0]["basis"], "mean")

    def test_one_pair(self):
        one = rows(self.good("predict", "model.safetensors", "--csv", "-u", "u1", "-i", "i1"))
        self.assertEqual(one, self.predict("u1,i1\n"))

    def test_form_is_reported(self):
        self.write("pairs.csv", "rating;movieId;userId\n4;i1;u1\n")
        done = self.run_tool("predict", "model.safetensors", "pairs.csv")
        self.assertEqual(done.stderr, "Reading pairs.csv: delimiter semicolon, a header line\n"
                                      "  columns: user 3, item 2\n")
        done = self.run_tool("predict", "model.safetensors", stdin="u1 i1\n")
        self.assertEqual(done.stderr, "Reading standard input: delimiter blank, no header line\n"
                                      "  columns: user 1, item 2\n")
        self.assertEqual(self.run_tool("predict", "model.safetensors", "-q", stdin="u1 i1\n").stderr, "")
        self.assertEqual(self.run_tool("predict", "model.safetensors", "-uu1", "-ii1").stderr, "")

    def test_no_pairs(self):
        self.assertEqual(self.predict(""), [])
        for text in ("", "user,item\n", "\n\n"):
            done = self.run_tool("predict", "model.safetensors", "-q", stdin=text)
            self.assertEqual(done.stderr, "descent: standard input: the file holds no pairs\n")
        self.assertEqual(json.loads(self.good("predict", "model.safetensors", "--json")), [])

    def test_bad_line(self):
        self.write("pairs.csv", "u1,i1\nu2\n")
        self.assertIn("pairs.csv:2:3: ", self.bad(3, "predict", "model.safetensors", "pairs.csv"))
        self.write("pairs.csv", "u1,i1\n,i2\n")
        self.assertIn("pairs.csv:2:1: the user id is empty",
                      self.bad(3, "predict", "model.safetensors", "pairs.csv"))
        self.write("pairs.csv", 'u1,i1\n"u2,i2\n')
        self.assertIn("pairs.csv:2:1: ", self.bad(3, "predict", "model.safetensors", "pairs.csv"))

    def test_json_stays_one_document_after_a_bad_line(self):
        done = self.run_tool("predict", "model.safetensors", "--json", stdin="u1,i1\nu2\n")
        self.assertEqual(done.returncode, 3)
        self.assertEqual(len(json.loads(done.stdout)), 1)

    def test_strange_ids(self):
        pairs = 'a"b,i1\n"x, y",i1\n\udcff\udcfe,i1\n'
        answers = json.loads(self.good("predict", "model.safetensors", "--json", stdin=pairs))
        self.assertEqual([row["user"] for row in answers], ['a"b', "x, y", "\ufffd\ufffd"])
        table = self.predict(pairs)
        self.assertEqual([row["user"] for row in table], ['a"b', "x, y", "\udcff\udcfe"])

    def test_control_characters_do_not_reach_the_terminal(self):
        out = self.good("predict", "model.safetensors", "-u", "\033[2Jred", "-i", "i1")
        self.assertNotIn("\033", out)
        self.assertIn("\ufffd[2Jred", out)
        self.write("wild.csv", b"u1,i1,5\nu1,i2,\xc2\x9b31m\xff\n")
        err = self.bad(3, "train", "wild.csv", "-o", "never.st")
        self.assertIn('"?31m?"', err)
        err = self.bad(5, "train", "no\u009b31m\udcff.csv", "-o", "never.st")
        self.assertIn("no?31m?.csv", err)


class Recommend(tool.ToolTest):
    def rated_by(self, user):
        lines = (self.path / "ratings.csv").read_text().split()
        return {line.split(",")[1] for line in lines if line.startswith(user + ",")}

    def test_best_first_and_nothing_rated(self):
        table = rows(self.good("recommend", "model.safetensors", "-u", "u4", "-n", "5", "--csv"))
        self.assertEqual([row["rank"] for row in table], ["1", "2", "3", "4", "5"])
        ratings = [float(row["rating"]) for row in table]
        self.assertEqual(ratings, sorted(ratings, reverse=True))
        self.assertFalse({row["item"] for row in table} & self.rated_by("u4"))

    def test_ratings_are_those_of_predict(self):
        table = rows(self.good("recommend", "model.safetensors", "-u", "u4", "-n", "5", "--csv"))
        for row in table:
            one = rows(self.good("predict", "model.safetensors", "-u", "u4", "-i", row["item"],
                                 "--csv"))[0]
            self.assertAlmostEqual(float(row["rating"]), float(one["rating"]), places=5)

    def test_the_catalogue_ends(self):
        table = rows(self.good("recommend", "model.safetensors", "-u", "u4", "-n", "99", "--csv"))
        self.assertEqual(len(table), 30 - len(self.rated_by("u4")))

    def test_unknown_user(self):
        done = self.run_tool("recommend", "model.safetensors", "-u", "who", "-n", "3", "--json")
        self.assertEqual(done.returncode, 0)
        self.assertIn("who: the model does not know this user", done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual((answer["user"], answer["known"]), ("who", False))
        self.assertEqual(len(answer["recommendations"]), 3)

    def test_all(self):
        answers = json.loads(self.good("recommend", "model.safetensors", "--all", "-n", "2",
                                       "--json"))
        self.assertEqual({answer["user"] for answer in answers}, {f"u{i}" for i in range(40)})
        table = rows(self.good("recommend", "model.safetensors", "--all", "-n", "2", "--csv"))
        self.assertEqual([row["item"] for row in table],
                         [one["item"] for answer in answers for one in answer["recommendations"]])
        text = self.good("recommend", "model.safetensors", "--all", "-n", "2")
        self.assertEqual(text.count("user u"), 40)

    def test_titles(self):
        self.write("u.item", b"".join(b"i%d|Caf\xe9 No. %d|1995\n" % (i, i) for i in range(29)))
        answer = json.loads(self.good("recommend", "model.safetensors", "-u", "u4", "-n", "99",
                                      "--items", "u.item", "--json"))
        for one in answer["recommendations"]:
            if one["item"] == "i29":
                self.assertNotIn("title", one)
            else:
                self.assertEqual(one["title"], f"Café No. {one['item'][1:]}")
        self.assertIn("Café No. ", self.good("recommend", "model.safetensors", "-u", "u4",
                                             "--items", "u.item"))
        self.bad(5, "recommend", "model.safetensors", "-u", "u4", "--items", "missing")

    def test_titles_of_other_items_are_told_of(self):
        self.write("one.csv", "x1,Alpha\ni2,Beta\n")
        self.write("none.csv", "x1,Alpha\nx2,Beta\n")
        for command in (["recommend", "model.safetensors", "-u", "u4"],
                        ["inspect", "model.safetensors"]):
            done = self.run_tool(*command, "--items", "one.csv")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            done = self.run_tool(*command, "--items", "none.csv")
            self.assertEqual(done.returncode, 0)
            self.assertIn("none.csv: none of its 2 ids is an item of the model", done.stderr)
            done = self.run_tool(*command, "--items", "-", stdin="x1,Alpha\n")
            self.assertIn("standard input: none of its 1 ids", done.stderr)


class Inspect(tool.ToolTest):
    def test_layers_and_parameters_add_up(self):
        facts = json.loads(self.good("inspect", "model.safetensors", "--json", "-n", "7"))
        shapes = [(layer["inputs"], layer["outputs"]) for layer in facts["layers"]]
        self.assertEqual(shapes, [(8, 8), (8, 4), (4, 1)])
        network = sum(layer["parameters"] for layer in facts["layers"])
        self.assertEqual(facts["parameters"], 70 * 4 + 70 + network)
        self.assertEqual(facts["file_bytes"], (self.path / "model.safetensors").stat().st_size)
        counts = [item["n_ratings"] for item in facts["most_rated"]]
        self.assertEqual(len(counts), 7)
        self.assertEqual(counts, sorted(counts, reverse=True))

    def test_table(self):
        text = self.good("inspect", "model.safetensors")
        for words in ("users                40", "--hidden             8,4", "user vectors  40 x 4"):
            self.assertIn(words, text)


class DamagedModels(tool.ToolTest):
    def test_truncated_or_altered_anywhere(self):
        data = (self.path / "model.safetensors").read_bytes()
        places = sorted({0, 7, 8, 9, 100, len(data) // 2, len(data) - 1})
        for place in places:
            self.write("cut.st", data[:place])
            self.assertIn("cut.st: ", self.bad(4, "inspect", "cut.st"))
            altered = bytearray(data)
            altered[place] ^= 0x10
            self.write("altered.st", bytes(altered))
            self.assertIn("altered.st: ", self.bad(4, "recommend", "altered.st", "--user", "u1"))
        self.write("longer.st", data + b"\0")
        self.bad(4, "evaluate", "longer.st", "ratings.csv")
        self.bad(4, "predict", "ratings.csv", "ratings.csv")


if __name__ == "__main__":
    tool.main()
