internal import Foundation
package import GavelScript

/// What became of files of tests.
package struct TestRun: Sendable {
    package struct Test: Sendable {
        package var name: String
        package var place: TestPlace
        /// `nil`: it passed.
        package var failure: TestFailure?
        package var steps: Int
        package var duration: Duration
    }

    package struct File: Sendable {
        /// As errors name it.
        package var name: String
        /// Why it could not be run.
        package var failure: TestFailure?
        package var tests: [Test]
        package var path: String
        /// The files of the scripts folder that it was made of, rules and modules too; empty: not known.
        package var parts: Set<String> = []
        /// Which lines of the rules its tests ran, if they were counted.
        package var coverage = RulesCoverage()
    }

    package var files: [File] = []
    package var duration = Duration.zero
    /// Which lines of the rules ran; empty where they were not counted.
    package var coverage = RulesCoverage()

    package var tests: Int { self.files.reduce(0) { $0 + $1.tests.count } }
    package var failed: Int {
        self.files.reduce(0) { $0 + $1.tests.count { $0.failure != nil } + ($1.failure == nil ? 0 : 1) }
    }
    /// What tests did and looked at.
    package var steps: Int { self.files.reduce(0) { $0 + $1.tests.reduce(0) { $0 + $1.steps } } }

    /// Whether a file of tests may say something else when files of the scripts folder have been saved.
    package func concerns(_ path: String, _ saved: Set<String>) -> Bool {
        guard let file = self.files.first(where: { $0.path == path }), !file.parts.isEmpty else { return true }
        return !file.parts.isDisjoint(with: saved)
    }

    /// This run, with what another one says of its files.
    package func replaced(by other: TestRun) -> TestRun {
        var run = self
        run.files.removeAll { file in other.files.contains { $0.path == file.path } }
        run.files += other.files
        run.addCoverage()
        return run
    }

    /// Plays the tests of files.
    /// - Parameters:
    ///   - paths: The files, in this order.
    ///   - filter: Plays only tests whose name, or whose file's, contains the text; upper and lower case do not matter.
    package init(_ paths: [String], shelf: TestShelf, filter: String? = nil) {
        let clock = ContinuousClock()
        self.duration = clock.measure {
            for path in paths { self.files.append(Self.run(path, shelf, filter?.lowercased(), clock)) }
        }
        if filter != nil { self.files.removeAll { $0.tests.isEmpty && $0.failure == nil } }
        self.addCoverage()
    }

    private mutating func addCoverage() {
        self.coverage = self.files.reduce(into: RulesCoverage()) { $0.add($1.coverage) }
    }

    private static func run(_ path: String, _ shelf: TestShelf, _ filter: String?, _ clock: ContinuousClock) -> File {
        let name = path.hasPrefix(shelf.folder + "/") ? String(path.dropFirst(shelf.folder.count + 1)) : path
        let file: TestFile
        do throws(TestFailure) {
            file = try TestFile(path: path, shelf: shelf)
        } catch {
            return File(name: name, failure: error, tests: [], path: path)
        }
        var result = File(name: file.name, failure: nil, tests: [], path: path)
        var rules: Set<String> = []
        for (index, test) in file.tests.enumerated() {
            if let filter, !test.name.lowercased().contains(filter), !file.name.lowercased().contains(filter) {
                continue
            }
            var played = TestFile.Played()
            let duration = clock.measure { played = file.play(index, shelf: shelf) }
            rules.formUnion(played.rules)
            result.coverage.add(played.coverage)
            result.tests.append(
                Test(
                    name: test.name,
                    place: test.place,
                    failure: played.failure,
                    steps: played.steps,
                    duration: duration
                )
            )
        }
        result.parts = file.parts(shelf, played: rules)
        return result
    }
}
