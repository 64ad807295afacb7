internal import GavelConfig
package import GavelScript

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A file of tests, read: which tests there are, and of which rules.
package struct TestFile: Sendable {
    package struct Test: Sendable {
        package var name: String
        package var place: TestPlace
        /// Of ``TestFile/rules``.
        var rules: Int
    }

    /// As errors name it, seen from the scripts folder.
    package let name: String
    package let tests: [Test]
    /// What each `gavel.test` of it said.
    package let rules: [TestedRules]
    private let script: TestScript

    /// Reads a file, and loads the rules that it is about.
    /// - Throws: ``TestFailure``: what is wrong with it.
    package init(path: String, shelf: TestShelf) throws(TestFailure) {
        let reader = Reader(shelf)
        do {
            self.script = try TestScript(path: path, folder: shelf.folder, host: reader)
        } catch {
            throw reader.failure ?? TestFailure(error)
        }
        self.name = self.script.name
        self.rules = reader.rules
        self.tests = reader.tests
        guard !self.tests.isEmpty else { throw Self.empty(self.name, self.rules) }
    }

    /// The files of the scripts folder that it is made of, its rules' and their modules too.
    /// - Parameter played: The rules that its tests played with.
    func parts(_ shelf: TestShelf, played: Set<String>) -> Set<String> {
        played.union(self.rules.map(\.file)).reduce(into: Set(self.script.files)) { parts, file in
            parts.insert(file)
            parts.formUnion(shelf.parts(of: file))
        }
    }

    /// What became of a test.
    struct Played {
        var failure: TestFailure?
        var steps = 0
        /// The rules files of its rooms, with their modules.
        var rules: Set<String> = []
        var coverage = RulesCoverage()
    }

    private static func empty(_ name: String, _ rules: [TestedRules]) -> TestFailure {
        guard let first = rules.first else {
            return TestFailure(
                place: TestPlace(file: name, line: 0),
                text: #"the file tests nothing. Begin it with: local test = gavel.test("tictactoe.lua")."#
            )
        }
        return TestFailure(
            place: first.place,
            text: #"the file has no test. Add one: test("the first to come moves", function(t) … end)."#
        )
    }

    /// Plays one test.
    func play(_ index: Int, shelf: TestShelf) -> Played {
        let test = self.tests[index]
        let play = Play(shelf, self.rules[test.rules], test: test.name)
        var played = Played()
        do throws(ScriptError) {
            try self.script.run(index + 1, host: play)
            played.failure = play.finish(at: test.place)
        } catch {
            played.failure = self.failure(error, of: test, play)
        }
        played.steps = play.steps
        played.rules = play.rooms.files
        played.coverage = play.rooms.coverage
        return played
    }

    private func failure(_ error: ScriptError, of test: Test, _ play: Play) -> TestFailure {
        guard error.kind == .test, var failure = play.failure else {
            var failure = TestFailure(error)
            if error.kind == .budget { failure = self.spent(error, of: test) }
            if failure.place.line == 0 { failure.place = test.place }
            failure.errors = play.log.errors
            failure.log = play.log.lines
            return failure
        }
        if error.traceback.count > 1 { failure.traceback = error.traceback }
        return failure
    }

    private func spent(_ error: ScriptError, of test: Test) -> TestFailure {
        TestFailure(
            place: error.line.map { TestPlace(file: error.file, line: $0) } ?? test.place,
            text: "the test does not end, or does far too much: it was stopped here."
        )
    }

    /// Notes what a file says while it is read.
    private final class Reader: TestHost {
        private let shelf: TestShelf
        var rules: [TestedRules] = []
        var tests: [Test] = []
        var failure: TestFailure?

        init(_ shelf: TestShelf) {
            self.shelf = shelf
        }

        func printed(_ line: String) {}

        func answer(_ call: TestCall) -> TestAnswer {
            let call = (call: call, read: PlayCall(call))
            switch call.call.receiver {
            case .gavel:
                do throws(TestFailure) {
                    // A file that needs a module is read again.
                    self.rules.append(try self.begin(call.read))
                    return .file(self.rules.count)
                } catch {
                    self.failure = error
                    return .failure(error.text)
                }
            case .file(let number):
                let name = call.read[0]?.string ?? ""
                self.tests.append(Test(name: name, place: call.read.place, rules: number - 1))
                return .nothing
            default: return .failure("a test plays in its function: test(\"…\", function(t) … end).")
            }
        }

        private func begin(_ call: PlayCall) throws(TestFailure) -> TestedRules {
            let file = try call.string(at: 0, example: #"gavel.test("tictactoe.lua")"#)
            let folder = self.shelf.folder
            guard access("\(folder)/\(file)", R_OK) == 0, !file.isEmpty else {
                let nearest = NearestName.of(file, among: ScriptFiles.rules(in: folder))
                throw call.failure(
                    "there is no \(file) in \(folder.split(separator: "/").last ?? "the folder of the rules"). "
                        + (nearest.map { "Did you mean \($0.quoted)?" } ?? "Name a rules file of that folder.")
                )
            }
            let rules: TestedRules
            do throws(TestMistake) {
                rules = try TestedRules(file: file, settings: call[1] ?? .object([]), place: call.place)
            } catch {
                throw call.failure(error.text)
            }
            do throws(ScriptError) {
                _ = try self.shelf.policy(
                    self.shelf.entry(of: file, key: rules.key),
                    changed: rules.main,
                    match: ScriptFiles.anyRoom
                ) { $0 }
            } catch {
                var failure = call.failure("\(file) does not load.")
                failure.errors = [
                    .init(text: error.description, circumstances: "", traceback: error.traceback)
                ]
                throw failure
            }
            return rules
        }
    }
}
